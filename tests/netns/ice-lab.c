/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unnamed network namespaces: a client with two uplinks, a router, a server. */
#include "config.h"

#define _GNU_SOURCE

#include "ice-lab.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* An unnamed namespace ends with its last process, however that ends. So there is nothing to clean
 * up. */
struct _IceLab
{
  int spaces[ICE_LAB_N_SPACES];
  int home;
};

static const gchar *const tools[] = { "ip", "iptables", NULL };

static gpointer
make_space (gpointer data)
{
  int *fd = data;

  *fd = -1;
  if (unshare (CLONE_NEWNET) == 0)
    *fd = open ("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  return NULL;
}

static void
connect_spaces (IceLab * lab)
{
  int pid = getpid ();

  for (guint i = 0; i < ICE_LAB_N_SPACES; i++)
    ice_lab_run (lab, i, "ip link set lo up && "
        "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
  /* iproute2 also accepts a path as a namespace. Linux reports a carrier once a second at most, for
   * all namespaces together, but at once for a device whose peer has another index. With equal
   * indices, carriers in other namespaces would delay the report. */
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link add up0 index 11 type veth "
      "peer name r0 index 21 netns /proc/%d/fd/%d", pid,
      lab->spaces[ICE_LAB_ROUTER]);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link add up1 index 12 type veth "
      "peer name r1 index 22 netns /proc/%d/fd/%d", pid,
      lab->spaces[ICE_LAB_ROUTER]);
  ice_lab_run (lab, ICE_LAB_SERVER, "ip link add s0 index 13 type veth "
      "peer name rs index 23 netns /proc/%d/fd/%d", pid,
      lab->spaces[ICE_LAB_ROUTER]);
  ice_lab_run (lab, ICE_LAB_ROUTER,
      "ip addr add 10.77.1.1/24 dev r0 && ip link set r0 up && "
      "ip addr add 10.77.2.1/24 dev r1 && ip link set r1 up && "
      "ip addr add 10.77.9.1/24 dev rs && ip link set rs up && "
      "echo 1 > /proc/sys/net/ipv4/ip_forward");
  ice_lab_run (lab, ICE_LAB_SERVER, "ip addr add " ICE_LAB_SERVER_IP
      "/24 dev s0 && ip link set s0 up && ip route add default via 10.77.9.1");
  /* Each uplink needs a route of its own. */
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip addr add " ICE_LAB_UP0 "/24 dev up0 && ip link set up0 up && "
      "ip addr add " ICE_LAB_UP1 "/24 dev up1 && ip link set up1 up && "
      "ip rule add from " ICE_LAB_UP0 " table 101 && "
      "ip rule add from " ICE_LAB_UP1 " table 102");
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 10.77.1.1 dev up0 metric 100 && "
      "ip route add default via 10.77.2.1 dev up1 metric 200 && "
      "ip route add default via 10.77.1.1 dev up0 table 101 && "
      "ip route add default via 10.77.2.1 dev up1 table 102");
}

IceLab *
ice_lab_new (const gchar ** why_not)
{
  IceLab *lab;
  gboolean made = TRUE;

  for (guint i = 0; tools[i]; i++) {
    g_autofree gchar *path = g_find_program_in_path (tools[i]);

    if (!path) {
      *why_not = tools[i];
      return NULL;
    }
  }
  lab = g_new0 (IceLab, 1);
  lab->home = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  for (guint i = 0; i < ICE_LAB_N_SPACES; i++) {
    g_thread_join (g_thread_new ("space", make_space, &lab->spaces[i]));
    made = made && lab->spaces[i] >= 0;
  }
  if (!made) {
    *why_not = "root";
    ice_lab_free (lab);
    return NULL;
  }
  connect_spaces (lab);
  return lab;
}

void
ice_lab_free (IceLab * lab)
{
  for (guint i = 0; i < ICE_LAB_N_SPACES; i++) {
    if (lab->spaces[i] >= 0)
      close (lab->spaces[i]);
  }
  close (lab->home);
  g_free (lab);
}

void
ice_lab_enter (IceLab * lab, IceLabSpace space)
{
  g_assert (setns (lab->spaces[space], CLONE_NEWNET) == 0);
}

void
ice_lab_leave (IceLab * lab)
{
  g_assert (setns (lab->home, CLONE_NEWNET) == 0);
}

/* Runs between fork and exec. */
static void
enter_child (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (setns (*(int *) data, CLONE_NEWNET) != 0)
    _exit (127);
}

gboolean
ice_lab_try (IceLab * lab, IceLabSpace space, const gchar * command)
{
  const gchar *argv[] = { "/bin/sh", "-c", command, NULL };
  gint status = -1;

  return g_spawn_sync (NULL, (gchar **) argv, NULL,
      G_SPAWN_STDOUT_TO_DEV_NULL, enter_child, &lab->spaces[space], NULL, NULL,
      &status, NULL) && g_spawn_check_wait_status (status, NULL);
}

void
ice_lab_run (IceLab * lab, IceLabSpace space, const gchar * format, ...)
{
  g_autofree gchar *command = NULL;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  if (!ice_lab_try (lab, space, command))
    g_error ("failed: %s", command);
}

GPid
ice_lab_spawn (IceLab * lab, IceLabSpace space, const gchar * const *argv)
{
  g_autoptr (GError) error = NULL;
  GPid pid;

  if (!g_spawn_async (NULL, (gchar **) argv, NULL, G_SPAWN_SEARCH_PATH
          | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
          | G_SPAWN_STDERR_TO_DEV_NULL, enter_child, &lab->spaces[space], &pid,
          &error))
    g_error ("%s: %s", argv[0], error->message);
  return pid;
}

GSubprocess *
ice_lab_talk (IceLab * lab, IceLabSpace space, const gchar * const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
      | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, enter_child,
      &lab->spaces[space], NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (!process)
    g_error ("%s: %s", argv[0], error->message);
  return process;
}

void
ice_lab_kill (IceLab * lab, GPid pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_spawn_close_pid (pid);
}

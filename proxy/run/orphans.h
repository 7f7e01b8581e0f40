/*
 * orphans - processes that our children left behind: a gpg whose sealer was
 * killed, the gpg-agent that gpg started. The master is their reaper, so what
 * is its child without being a member was started by us and by nobody else.
 */
#ifndef LETTERLOCK_ORPHANS_H
#define LETTERLOCK_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/* From now on, orphans below this process become its children. */
void orphans_adopt(void);

/* Kills those (but not daemons, which lead a session) whose process group has
 * lost its leader. `ours` says of a child whether it is a member. */
void orphans_kill_strays(bool (*ours)(void *owner, pid_t pid), void *owner);

/* Ends all children that are left: SIGTERM, and SIGKILL after a while. For a
 * master whose members have all gone. */
void orphans_end(void);

#endif

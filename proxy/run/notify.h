/* notify - tells systemd what the gateway is about (sd_notify(3)'s protocol). */
#ifndef LETTERLOCK_NOTIFY_H
#define LETTERLOCK_NOTIFY_H

/* Sends `state` ("READY=1") to $NOTIFY_SOCKET; without one, does nothing.
 * What goes wrong there is not ours to mend. */
void notify(const char *state);

/* RELOADING=1 with the time, as Type=notify-reload wants it. */
void notify_reloading(void);

#endif

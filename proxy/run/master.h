/*
 * master - `letterlock serve`: reads the configuration, binds, starts the
 * children and looks after them; reloads, drains. Parses nothing of the
 * network.
 */
#ifndef LETTERLOCK_MASTER_H
#define LETTERLOCK_MASTER_H

/* The subcommand; the exit status. */
int master_serve(int argc, char **argv);

#endif

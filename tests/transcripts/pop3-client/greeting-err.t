S: -ERR [SYS/TEMP] not today
E: failed temp greeted with -ERR: [SYS/TEMP] not today

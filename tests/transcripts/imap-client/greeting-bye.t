S: * BYE [UNAVAILABLE] come back later
E: failed temp turned us away in its greeting: * BYE [UNAVAILABLE] come back later

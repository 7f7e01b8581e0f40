# The mechanism is a word, the response one word.
%hello

C: AUTH
S: 501 5.5.4 an argument is needed

C: AUTH PL@IN
S: 501 5.5.4 a mechanism and at most one response

C: AUTH \{21:A}
S: 501 5.5.4 a mechanism and at most one response

C: AUTH PLAIN a b
S: 501 5.5.4 a mechanism and at most one response

C: AUTH PLAIN  AGEAYg==  
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome

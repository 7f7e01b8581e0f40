# Nobody logs in twice.
%in

C: USER a
C: AUTH PLAIN
C: STLS
S: -ERR not now: somebody is logged in
S: -ERR not now: somebody is logged in
S: -ERR not now: somebody is logged in

# STLS where there is none.
%tls none
S: +OK gw.example Letterlock ready

C: STLS
S: -ERR TLS is not offered here

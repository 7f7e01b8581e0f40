# LOGIN takes two lines.
%hello

C: AUTH login
A: continue VXNlcm5hbWU6
E: auth LOGIN
S: 334 VXNlcm5hbWU6

C: YWxpY2U=
A: continue UGFzc3dvcmQ6
E: auth-line YWxpY2U=
S: 334 UGFzc3dvcmQ6

C: c2VjcmV0
A: done 535 5.7.8 wrong
E: auth-line c2VjcmV0
S: 535 5.7.8 wrong

C: AUTH LOGIN YWxpY2U=
A: continue UGFzc3dvcmQ6
E: auth LOGIN YWxpY2U=
S: 334 UGFzc3dvcmQ6

C: c2VjcmV0
A: done 235 2.7.0 ok
E: auth-line c2VjcmV0
S: 235 2.7.0 ok

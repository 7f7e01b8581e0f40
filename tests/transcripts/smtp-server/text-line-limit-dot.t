# The doubled dot does not count.
%mail
%text-line 100

C: DATA
E: data
S: 354 go ahead, end with a dot

C: .\{98:.}
C: .
E: body ..................................................................................................\r\n
S: 250 2.0.0 message taken

# A reply to EHLO sent ahead leaves one too many: desynchronised (29).
%starttls

S: 220 x
S: 250-x
S: 250 STARTTLS
C: EHLO gw.example
C: STARTTLS

S: 250-x
S: 250 STARTTLS
E: failed tls TLS not offered: STARTTLS was answered: 250 STARTTLS

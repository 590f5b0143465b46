module edgehasher

go 1.19

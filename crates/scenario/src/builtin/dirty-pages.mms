title "A write ends in memory" zh "写到内存就算写完"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
reclaim on

f = file 1M
say "write ends in memory: the pages are dirty until fsync." zh "write 写进内存就返回：fsync 之前页是脏的。"
dd f 0..64K block=16K
fsync f
say "Above 10 % the flusher works; well above, the writer waits." zh "脏页超过 10%，刷写线程开工；再多，写的人要等。"
dd f 64K..1M block=320K
say "What is left goes when it is 30 seconds old." zh "剩下的脏满 30 秒才写。"
wait 35s

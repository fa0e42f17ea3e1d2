title "swappiness: who goes first" zh "swappiness：谁先走"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on
swap 4M zram

f = file 1M
p = exec
m = mmap p 2M
cat f block=64K
cat f block=64K
write m 0..700K
say "0: pages of files go." zh "0：走的是文件页。"
sysctl vm.swappiness 0
write m 700K..950K
say "60: 30 % anon, but those were used just now." zh "60：匿名占 30%，不过它们刚用过。"
sysctl vm.swappiness 60
write m 950K..1350K
say "200: anon pages go to swap." zh "200：匿名页去 swap。"
sysctl vm.swappiness 200
write m 1350K..1600K

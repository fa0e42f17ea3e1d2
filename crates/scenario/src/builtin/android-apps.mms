title "Android: who is missed least goes first" zh "Android：最不在意的先走"
ram 4M
zone Normal
lowmemorykiller on adj=0,200,900 minfree=64,128,384
f = file 1M cached
front = exec
a = mmap front 3M
mail = exec uid=1000
oom_score_adj mail 500
b = mmap mail 512K
write b
news = exec uid=1001
oom_score_adj news 900
c = mmap news 512K
write c
game = exec uid=1002
oom_score_adj game 906
d = mmap game 768K
write d
say "mail serves, news and game are cached. Who goes for front?" zh "mail 在服务，news 和 game 只是缓存。谁为 front 让路？"
write a 0..1800K

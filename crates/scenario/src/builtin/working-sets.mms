title "A working set larger than each level" zh "工作集大过每一级"
rules 6.1
ram 16M
caches l1d=256/2 l1i=256/2 l2=1K/4 l3=4K/8

say "Toy caches: L1 has room for 4 lines, L2 for 16, L3 for 64. Some data are read line by line, four times over." zh "玩具缓存：L1 放 4 行，L2 放 16 行，L3 放 64 行。一片数据逐行读，循环四遍。"
p = exec
m = mmap p 16K
write m
say "256 bytes: after the first round everything is in L1." zh "256 字节：第一遍之后全在 L1 里。"
scan m stride=64 0..256 times=4
say "512 bytes are twice as much as L1 has. Where will the second round find its lines?" zh "512 字节，是 L1 的两倍。第二遍会在哪里找到这些行？"
scan m stride=64 0..512 times=4
say "Round and round is the worst for LRU: what comes next has just left. L1 does not help at all any more." zh "循环访问最克 LRU：马上要用的刚好刚走。L1 一点忙也帮不上了。"
scan m stride=64 0..2K times=4
say "2 KiB were too much for L2, so L3 had to serve. The next step is memory." zh "2 KiB 连 L2 也装不下，靠的是 L3。再大一步就是内存了。"
scan m stride=64 0..8K times=4
say "8 KiB are too much for all of them: almost every read waits for DRAM. That is the staircase." zh "8 KiB 哪级都装不下，几乎每次都等 DRAM。这就是那道台阶。"
say "In blocks it is fast: read 256 bytes four times, then the next 256. Three of four rounds are hits." zh "分块就快了：256 字节读四遍，再读下一个 256 字节。四遍里有三遍命中。"
scan m stride=64 0..256 times=4
scan m stride=64 256..512 times=4
scan m stride=64 512..768 times=4
scan m stride=64 768..1K times=4

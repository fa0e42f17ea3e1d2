title "Stride: lines that fight for one set" zh "步长：抢同一组的行"
rules 6.1
ram 16M
caches skylake

say "The L1 of a Skylake: 32 KiB, 64 sets with room for eight lines each. Line number modulo 64 is the set." zh "Skylake 的 L1：32 KiB，64 组，每组能放 8 行。行号除以 64 的余数就是组号。"
p = exec
m = mmap p 64K
write m
say "Eight words, each 4 KiB after the last one. 4 KiB are 64 lines, so all of them belong to the same set. They fit." zh "访问 8 个字，每个相隔 4 KiB。4 KiB 正好 64 行，所以它们都在同一组。刚好放得下。"
scan m stride=4K 0..32K
scan m stride=4K 0..32K
say "Once more, and all were hits. Now nine words. How many miss, if all nine are read ten times?" zh "第二遍全部命中。现在读 9 个字。反复读十遍，有多少次未命中？"
scan m stride=4K 0..36K times=10
say "The set has eight ways. Each word pushes out just the one that comes next: none is there when its turn comes." zh "这一组只有 8 路。每次挤走的恰好是下一个要用的：轮到谁，谁都不在。"
scan m stride=4K 0..36K
say "The rest of L1 is empty all the time. With 64 bytes more between them, nine words lie in nine sets." zh "而 L1 的其他组一直空着。间隔再加 64 字节，9 个字就分到 9 个组里。"
scan m stride=4160 0..37440 times=10
say "That is why tables are not a power of two wide, and why slabs have colours." zh "所以表的宽度不宜是 2 的幂，slab 也要着色。"

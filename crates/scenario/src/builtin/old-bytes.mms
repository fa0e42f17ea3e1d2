title "Old bytes, new owner" zh "旧内容，新主人"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 0 1*7
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280
free_list Normal 10 Movable: 0x400 0x800 0xc00

p = exec
say "64 bytes from malloc, filled with 0x41." zh "malloc 来的 64 字节，全写成 0x41。"
a = malloc p 64
memset a 0x41
say "They are freed. Who clears them?" zh "释放它。谁来清零？"
free a
say "Nobody. The next block of this size is the same memory: malloc used 16 bytes for itself, the rest is old." zh "没人清。下一块拿到同一片内存：malloc 自己用了 16 字节，其余是旧内容。"
b = malloc p 64
hexdump b
say "calloc has to promise zeros, so it clears what was used before." zh "calloc 保证是零，所以用过的内存它得清零。"
free b
c = calloc p 64
hexdump c
say "Whole pages from the kernel, filled with 0x42, and given back to the kernel." zh "整页向内核要来，写满 0x42，再还给内核。"
m = mmap p 8K
memset m 0x42
munmap m
say "Another process gets the same frame. The kernel clears it first, or q would read the secrets of p." zh "另一个进程拿到同一个页框。内核先清零，不然 q 就能偷看 p 的秘密。"
q = exec
n = mmap q 8K
write n 0..4K
hexdump n
say "fork shares pages. p writes 0x43 into c: p gets a copy, and the copy starts with the old bytes." zh "fork 之后共用页。p 往 c 里写 0x43：p 得到一份副本，先带着旧内容。"
r = fork p
memset c 0x43
say "The child still sees its zeros, and p sees 0x43, at the very same address." zh "子进程看到的还是零，p 看到 0x43，地址却是同一个。"
hexdump c by=r
hexdump c

title "Row by row, or column by column" zh "按行还是按列"
rules 6.1
ram 16M
caches l1d=1K/2 l1i=1K/2 l2=4K/4 l3=16K/8

say "A matrix of 16 × 16 numbers of 8 bytes, row after row in memory: 2 KiB. This small L1 keeps 1 KiB, sixteen lines." zh "16 × 16 的矩阵，每个数 8 字节，在内存里一行接一行，共 2 KiB。这个小 L1 只有 1 KiB，16 个缓存行。"
p = exec
m = mmap p 4K
say "Row by row. The first word misses everywhere: L1, L2, L3, and DRAM gives a line of 64 bytes." zh "先按行访问。第一个字哪级都没有：L1、L2、L3 都未命中，由 DRAM 给出 64 字节的一行。"
scan m row 1x8
say "The next seven were in the same line. So of a whole row only every eighth word misses." zh "后面七个字就在同一行里。所以整行里每八个字才有一次未命中。"
scan m row 16x16
say "Now column by column: the same 256 words. How many of them miss L1 this time?" zh "现在按列：还是这 256 个字。这次 L1 有多少次未命中？"
scan m column 16x16
say "Each step jumps 128 bytes into another line, and a line has left before its next word is wanted. All 256 miss L1." zh "每步跳过 128 字节，总是换一行；等要用下一个字时，那行早被挤走了。256 次全都未命中。"
scan m row 16x16
say "L2 has room for all of it and catches them. A matrix larger than L2 would go to L3, or to DRAM, each time." zh "好在 L2 装得下整个矩阵，都接住了。矩阵若比 L2 还大，每次就要到 L3 甚至 DRAM。"
say "Try it: scan m column 8x16. Half the rows: does a column fit into L1 now?" zh "试一试：scan m column 8x16。行数减半，一列放得进 L1 吗？"

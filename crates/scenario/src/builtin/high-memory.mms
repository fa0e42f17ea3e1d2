title "A gigabyte on i386: memory that the kernel cannot use" zh "i386 上的 1 GiB：有一部分内核用不了"
rules 6.1
arch i386
ram 1G
pcp off

say "The kernel maps 896 MiB. What lies above is HighMem: good for processes, not for the kernel itself." zh "内核只能直接映射 896 MiB。以上是 HighMem：进程可以用，内核自己不行。"
a = alloc order=0 anon
say "A process got its page from HighMem. Where will the kernel's own come from?" zh "进程的页来自 HighMem。内核自己要的会来自哪里？"
k = alloc order=0 unmovable
dma = alloc order=0 unmovable zone=DMA
say "The kernel's data grow by 4 MiB at a time, until Normal is near its low mark." zh "内核的数据每次增长 4 MiB，直到 Normal 接近 low。"
for i in 0..205
  data[i] = alloc order=10 unmovable
end
say "Where does the next block come from: from Normal below its low mark, from DMA, or from HighMem?" zh "下一块会从哪里来：低于 low 的 Normal、DMA，还是 HighMem？"
data[206] = alloc order=10 unmovable
data[207] = alloc order=10 unmovable
say "DMA has given what it can spare. Now Normal goes below low, down to min." zh "DMA 能给的都给了。现在 Normal 才降到 low 以下，直到 min。"
for i in 208..210
  data[i] = alloc order=10 unmovable
end
x = alloc order=10 unmovable
say "It failed, with 128 MiB free in HighMem. A process still gets what it wants." zh "失败了，而 HighMem 还空着 128 MiB。进程要的仍然给得出。"
b = alloc order=10 anon
say "Page tables, inodes, network buffers: all of them fought for low memory. 64 bits ended it." zh "页表、inode、网络缓冲区都在争夺低端内存。有了 64 位才算了结。"

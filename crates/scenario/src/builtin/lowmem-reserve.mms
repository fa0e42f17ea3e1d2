# On a real machine Normal is many times larger than DMA32; here a smaller ratio stands for that.
title "A lower zone keeps pages for those who need it" zh "低端内存区为离不开它的请求留着页"
rules 6.1
ram 32M
zone DMA32 16M
zone Normal
pcp off
lowmem_reserve_ratio 256 8 32 0 0

say "Two zones of 4096 frames. The ratio 8 keeps 512 pages of DMA32 from requests that Normal could serve." zh "两个区各 4096 个页框。比值 8 让 DMA32 留下 512 页，不给本可由 Normal 满足的请求。"
for i in 0..2
  n[i] = alloc order=10 unmovable
end
n[3] = alloc order=9 unmovable
n[4] = alloc order=8 unmovable
n[5] = alloc order=7 unmovable
say "Normal is near its low mark. The next request goes to DMA32: the kernel would rather use it than reclaim." zh "Normal 接近 low 了。下一个请求转到 DMA32：内核宁可用它，也不愿回收。"
for i in 0..2
  d[i] = alloc order=10 unmovable
end
say "1024 pages are left in DMA32. Half of them are wanted. Does it get them?" zh "DMA32 还剩 1024 页，现在要其中一半。拿得到吗？"
x = alloc order=9 unmovable
say "It does not: 513 would count, and the mark and the reserve are more. A device that needs DMA32 is not held back." zh "拿不到：算下来只有 513 页，不到水位线加预留之和。非用 DMA32 不可的设备则不受限制。"
dev = alloc order=9 unmovable zone=DMA32
free dev
say "Ratio 0 keeps nothing back. The same request as before:" zh "比值 0 表示不预留。再来一次同样的请求："
sysctl vm.lowmem_reserve_ratio 256 0 32 0 0
y = alloc order=9 unmovable
say "Now it is served, and the device would come too late." zh "这次满足了，而那个设备就来迟了。"
z = alloc order=9 unmovable zone=DMA32

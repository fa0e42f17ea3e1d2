title "Whose turn is it? Buffers lent to a device" zh "轮到谁用？借给设备的缓冲区"
rules 6.1
ram 5G
swiotlb 1M
thp never
pcp off

say "This device does not look into the CPU's cache. Mapping writes the cache back." zh "这个设备不看 CPU 的缓存。映射时，缓存写回内存。"
cam = device mask=40 noncoherent
a = alloc order=0 unmovable
cpu_write a
m = dma_map cam a dir=both
dma_read m
say "The device writes. Without a sync the CPU finds what is old in its cache." zh "设备写了。不同步，CPU 看到的是缓存里的旧东西。"
dma_write m
cpu_read a
dma_sync_for_cpu m
cpu_read a
dma_unmap m
say "32 bits do not reach this buffer: a copy low in memory stands for it." zh "32 位地址够不着这个缓冲区：低处放一份副本。"
nic = device
b = alloc order=1 unmovable
cpu_write b
n = dma_map nic b 6K dir=to
dma_read n
say "What is written later stays in the buffer until it is synced." zh "后来写的留在缓冲区里，同步了才过去。"
cpu_write b
dma_read n
dma_sync_for_device n
dma_read n
dma_unmap n
say "Behind an IOMMU nothing is copied, and what was lent to be read cannot be written." zh "在 IOMMU 后面不用复制；只借给它读的，它写不了。"
gpu = device iommu
o = dma_map gpu b dir=to
dma_read o
dma_write o
dma_unmap o

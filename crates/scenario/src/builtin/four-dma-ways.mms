title "Four ways to memory for a device" zh "给设备内存的四条路"
rules 6.1
ram 32M
reserved_memory dsp size=1M no-map
reserved_memory video size=4M reusable
thp never
watermarks off

k = workload 5 orders=10 unmovable=1
l = workload 3 orders=8 unmovable=1 zone=DMA
f = file 3M cached
for i in 0..599
  g[i] = alloc order=0 movable
end
for i in 0..299
  free g[2*i]
end
say "Buddy system: one block, or nothing. What is free is scattered." zh "伙伴系统：一块，或者没有。空闲的内存太散。"
nic = device
a = dma_alloc_coherent nic 1M
say "Reserved at boot: always there, but idle memory is nobody's." zh "启动时预留：随时都有，可闲着也没人能用。"
isp = device memory_region=dsp
b = dma_alloc_coherent isp 512K
say "IOMMU: pages wherever they are, and for the device one piece." zh "IOMMU：页在哪里都行，设备看到的是一整块。"
gpu = device iommu
c = dma_alloc_coherent gpu 1M
dma_read c pages=4
dma_read c pages=4
say "CMA: guests leave, and the frames really lie in a row." zh "CMA：客人搬走，页框真正连成一片。"
cam = device memory_region=video
d = dma_alloc_coherent cam 512K
dma_read d pages=2

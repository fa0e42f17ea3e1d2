title "CMA lends 16 MiB, and takes them back" zh "CMA 借出 16 MiB，再收回来"
rules 6.1
ram 40M
cma 16M
thp never

say "16 MiB are set aside for a device. Until it asks, movable pages live there." zh "给设备留出 16 MiB。设备来要之前，可移动的页可以住在里面。"
f = file 16M cached
p = exec
m = mmap p 2M
write m
say "The device wants all of it in one piece. The guests leave, and p goes on." zh "设备要一整块。客人搬走，p 照常运行。"
dma = cma_alloc 4096 align=8
write m 0..64K
say "When the device is done, the area is lent again." zh "设备用完归还，这块又能借出。"
cma_release dma
n = mmap p 1M
write n

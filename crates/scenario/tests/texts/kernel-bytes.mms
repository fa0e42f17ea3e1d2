ram 8M
init_on_alloc off
c = kmem_cache_create size=600 ctor
o = kmem_cache_alloc c
memset o 0x41 100..700
free o
o = kmem_cache_alloc c
hexdump o
k = kmalloc 64
memset k 0xff 8..16
free k
k = kzalloc 40
hexdump k 0..64
l = kmalloc 20K
memset l 1
free l
a = alloc order=3 movable
hexdump a
memset a 0x42 4000..9000
free a
b = alloc order=0 gfp=GFP_KERNEL|__GFP_ZERO
hexdump b
p = exec
m = mmap p 4M
h = mmap p 2M
write m
memset m 0x43 2M..3M
mremap m 8M maymove
hexdump m 2M..3M
mremap m 1M
x = malloc p 200K
memset x 0x44
x = realloc x 600K
free x
exit p
d = alloc order=0 movable
hexdump d 0..64

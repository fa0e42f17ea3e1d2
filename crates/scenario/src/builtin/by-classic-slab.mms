# The same requests as in `by-slub`.
title "Classic SLAB: each CPU has an array of free objects" zh "经典 SLAB：每个 CPU 有一个空闲对象数组"
rules 6.1
slab slab
ram 4M
zone Normal
cpus 2
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x40 0x42 0x44 0x46

c = kmem_cache_create size=320
say "Twelve objects fit into a page. All of them move to CPU 0's array, and the last one is handed out first." zh "一页装得下十二个对象。它们全移到 CPU 0 的数组里，最后一个最先交出。"
a = kmem_cache_alloc c
b = kmem_cache_alloc c
say "CPU 1 asks. The first slab counts as full, though only two objects are in use: a second slab is needed." zh "CPU 1 也来要。第一个 slab 只有两个对象在用，却已算满：只好再建一个。"
d = kmem_cache_alloc c cpu=1
say "CPU 1 frees an object that CPU 0 got. It goes to CPU 1's array: wherever it is from, it is handed out there next." zh "CPU 1 释放 CPU 0 要来的对象。它进 CPU 1 的数组：不管来自哪里，下次就在那里交出。"
free a cpu=1
e = kmem_cache_alloc c cpu=1
say "CPU 0 frees one: it goes to the end of the array and is handed out next." zh "CPU 0 释放一个：放到数组末尾，下次就先给它。"
free b
f = kmem_cache_alloc c
say "All is given back to the arrays; the slabs do not learn of it. Shrinking empties the arrays, and both slabs go." zh "全部归还，但只到数组里，slab 并不知道。收缩时清空数组，两个 slab 才还掉。"
free d cpu=1
free e cpu=1
free f
kmem_cache_shrink c
say "Arrays for each CPU and each cache: on large machines they held much memory. SLUB did away with them." zh "每个 CPU、每个缓存都有数组：大机器上，它们攒住很多内存。SLUB 把它们都取消了。"

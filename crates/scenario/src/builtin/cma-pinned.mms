title "CMA and a guest that cannot leave" zh "CMA 与走不了的客人"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility on
pageblock_order 5
cma 1280K
pcp off
watermarks off

for i in 0..299
  g[i] = alloc order=0 movable
end
say "One guest is pinned: a device counts on where it lies." zh "有一位客人被钉住（pin）：有设备指望它留在原地。"
pin g[7]
say "One page that stays spoils a range; the search goes on a little further." zh "一页不走，整段作废；往后挪一点再找。"
a = cma_alloc 16 align=4
say "Pins all over the area: half of it in one piece is not to be had." zh "到处是钉住的页：半个区域那么大的一整块，要不到。"
for i in 20..299 step 24
  pin g[i]
end
b = cma_alloc 160 align=5
for i in 20..299 step 24
  unpin g[i]
end
say "Without the pins it is." zh "拔掉钉子就要到了。"
c = cma_alloc 160 align=5
cma_release a

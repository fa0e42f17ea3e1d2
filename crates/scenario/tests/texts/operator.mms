# pasted from the machine that could not load its module this morning
title "host-17, 09:40"
rules 6.1
pcp off
watermarks off
seed 3
buddyinfo Node 0, zone DMA 0 0 0 0 0 0 0 0 1 1 2
buddyinfo Node 0, zone DMA32 4211 3180 1622 744 301 96 21 4 0 0 0
buddyinfo Node 0, zone Normal 18332 9471 4120 988 121 17 2 0 0 0 0

say "This is what the module asks for: four rings of 512 KiB."
ring0 = alloc order=7 unmovable
ring1 = alloc order=7 unmovable
ring2 = alloc order=7 unmovable
ring3 = alloc order=7 unmovable
say "They come out of DMA32, and eat its last large blocks. The firmware buffer is next."
fw = alloc order=8 unmovable
fw2 = alloc order=8 unmovable
say "That was zone DMA, the last resort. From here on everything fails."
fw3 = alloc order=9 unmovable
fw4 = alloc order=10 unmovable
fw5 = alloc order=10 unmovable
fw6 = alloc order=10 unmovable
say "What if the rings were asked for in pieces?"
free ring0
free ring1
free ring2
free ring3
for i in 0..15
  ring[i] = alloc order=5 unmovable
end
fw7 = alloc order=7 unmovable
churn = workload 2000 orders=0..2 movable=20 anon=60 file=20 free=50
fw8 = alloc order=7 unmovable
free churn
free fw
free fw2
fw9 = alloc order=8 unmovable zone=DMA

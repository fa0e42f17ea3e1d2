title "my homework: when does an order-5 request fail?"
ram 4096 frames
zone Normal
page_group_by_mobility off
pcp off
watermarks off

# fill up with blocks of 8 pages, some of them for the kernel
for i in 0..255
  k[i] = alloc order=3 unmovable
  m[i] = alloc order=3 movable
end
x = alloc order=5 unmovable  # no room: correct
# give back every second one
for i in 0..254 step 2
  free m[i]
end
x1 = alloc order=5 unmovable  # still no room, 1024 frames are free!
for i in 1..255 step 2
  free m[i]
end
x2 = alloc order=5 unmovable  # 2048 frames are free, and still not
# so the kernel's blocks are the problem
free k[0]
x3 = alloc order=4 unmovable
free k[1]
x4 = alloc order=5 unmovable
for i in 2..63
  free k[i]
end
x5 = alloc order=5 unmovable
x6 = alloc order=8 unmovable
x7 = alloc order=9 unmovable
free x5
free x6
free x3
x8 = alloc order=9 unmovable
# answer: as long as one block of every pair of 32 is held

/*
 * Host-physical memory as the VMM stand-in reaches it: mapped one to one.
 *
 * A shared page lies at HPA = GPA (host/machine.h), whatever the state of the page: a host that is
 * given the address of a private page reads other bytes than the TD wrote, as under TDX.
 */
#ifndef HOST_PHYSICAL_H
#define HOST_PHYSICAL_H

#include <stdint.h>

/*
 * `length` bytes at that GPA (without the shared bit); NULL unless all of them are the TD's RAM.
 * The TD can write there at any time: copy once, then check the copy.
 */
void *physical_shared(uint64_t gpa, uint64_t length);

/* One access of 1, 2, 4 or 8 bytes to a device's memory at that HPA, of any alignment. */
uint64_t physical_device_read(uint64_t hpa, unsigned size);
void physical_device_write(uint64_t hpa, unsigned size, uint64_t value);

#endif

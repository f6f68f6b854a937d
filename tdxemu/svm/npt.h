/*
 * Nested page tables: 4 levels, leaves of 4 KiB and 2 MiB.
 *
 * A root covers 48 bits of guest-physical address; bit 47 is the TD's shared bit. No flush is
 * needed after a change: VMRUN and VMEXIT drop QEMU's nested translations.
 * Source: AMD APM volume 2, 15.25.
 */
#ifndef SVM_NPT_H
#define SVM_NPT_H

#include <stdint.h>

#define NPT_LEVEL_4K 0U
#define NPT_LEVEL_2M 1U

#define NPT_READ  1U
#define NPT_WRITE 2U
#define NPT_EXEC  4U
#define NPT_ALL   7U

struct npt {
    uint64_t *root; /* VA of the top table, as memory_take() gave it */
};

struct npt npt_create(void);
uint64_t npt_hpa(struct npt npt);

/*
 * Maps the page at `gpa` to `hpa`, both aligned to the level's size, with the NPT_ permissions;
 * none of them, or none but NPT_EXEC, unmaps it. A 2 MiB leaf in the way is split first.
 */
void npt_set(struct npt npt, uint64_t gpa, unsigned level, uint64_t hpa, unsigned permissions);

/* NPT_ permissions of the page at `gpa`; 0 when it is not mapped. */
unsigned npt_permissions(struct npt npt, uint64_t gpa);

/* Both roots have the same tables for the 512 GiB that contain `gpa`, from now on. */
void npt_share(struct npt to, struct npt from, uint64_t gpa);
void npt_unshare(struct npt npt, uint64_t gpa);

#endif

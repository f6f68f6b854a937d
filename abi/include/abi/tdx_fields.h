/*
 * Metadata field identifiers of the TDX module 1.5 as TDG.SYS/VM/VP.RD/WR take them.
 *
 * Source: intel/tdx-module, branch tdx_1.5, include/auto_gen/{tdr_tdcs,tdvps,td_l2_vmcs,
 * global_sys}_fields_lookup.c.
 */
#ifndef ABI_TDX_FIELDS_H
#define ABI_TDX_FIELDS_H

/* TD scope (TDG.VM.RD/WR). */
#define TDCS_NUM_L2_VMS     0x9010000100000005ULL
#define TDCS_ATTRIBUTES     0x1110000300000000ULL
#define TDCS_XFAM           0x1110000300000001ULL
#define TDCS_GPAW           0x1110000000000003ULL
#define TDCS_TSC_FREQUENCY  0x111000010000000cULL /* units of 25 MHz */
#define TDCS_NOTIFY_ENABLES 0x9110000300000010ULL
#define TDCS_CONFIG_FLAGS   0x1110000300000016ULL
#define TDCS_TD_CTLS        0x1110000300000017ULL
#define TDCS_MRCONFIGID     0x1310000300000010ULL /* six elements of 8 bytes */

/* SYS scope (TDG.SYS.RD). */
#define SYS_TDX_FEATURES0          0x0a00000300000008ULL
#define TDX_FEATURES0_PARTITIONING (1ULL << 7)

/* vCPU scope (TDG.VP.RD/WR); `vm` is 1 to 3. */
#define TDVPS_L2_CTLS(vm)       (0xa020000300000050ULL + (vm))
#define TDVPS_TSC_DEADLINE(vm)  (0xa020000300000058ULL + (vm))
#define TDX_L2_CTLS_SHARED_EPTP (1ULL << 0)
#define TDX_L2_CTLS_TDVMCALL    (1ULL << 1)
#define TDX_NO_DEADLINE         0xffffffffffffffffULL

/*
 * Fields of the VMCS of L2 VM `vm`: class 36, 44, 52; the element size follows from the encoding
 * (bits 14:13: 16-bit, 64-bit, 32-bit, natural width). MSR bitmap: one class above, 512 words.
 */
#define TDX_VMCS_SIZE(encoding)                                                                    \
    (((encoding) >> 13 & 3U) == 0 ? 1ULL : ((encoding) >> 13 & 3U) == 2 ? 2ULL : 3ULL)
#define TDVPS_L2_VMCS(vm, encoding)                                                                \
    ((0x1cULL + 8ULL * (vm)) << 56 | 2ULL << 52 | TDX_VMCS_SIZE(encoding) << 32 | (encoding))
#define TDVPS_L2_MSR_BITMAP(vm, word)                                                              \
    ((0x1dULL + 8ULL * (vm)) << 56 | 2ULL << 52 | 3ULL << 32 | (word))
#define TDX_MSR_BITMAP_WORDS 512

#endif

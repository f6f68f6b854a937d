/*
 * TDCALL: leaf numbers, completion status and operands of the TDX module 1.5.
 *
 * Source: intel/tdx-module, branch tdx_1.5, include/tdx_api_defs.h (leaves, operand layouts) and
 * include/auto_gen/tdx_error_codes_defs.h (status).
 */
#ifndef ABI_TDX_TDCALL_H
#define ABI_TDX_TDCALL_H

/* Leaf in RAX[15:0], version in RAX[23:16]. */
#define TDG_VP_VMCALL        0
#define TDG_VP_INFO          1
#define TDG_MR_RTMR_EXTEND   2
#define TDG_VP_VEINFO_GET    3
#define TDG_MR_REPORT        4
#define TDG_VP_CPUIDVE_SET   5
#define TDG_MEM_PAGE_ACCEPT  6
#define TDG_VM_RD            7
#define TDG_VM_WR            8
#define TDG_VP_RD            9
#define TDG_VP_WR            10
#define TDG_SYS_RD           11
#define TDG_SYS_RDALL        12
#define TDG_SERVTD_RD        18
#define TDG_SERVTD_WR        20
#define TDG_MR_VERIFYREPORT  22
#define TDG_MEM_PAGE_ATTR_RD 23
#define TDG_MEM_PAGE_ATTR_WR 24
#define TDG_VP_ENTER         25
#define TDG_VP_INVEPT        26
#define TDG_VP_INVVPID       27
#define TDG_LEAVES           28

#define TDX_LEAF_MASK     0xffffULL
#define TDX_VERSION_SHIFT 16
#define TDX_VERSION_MASK  0xff0000ULL

/* Length of the instruction, 66 0F 01 CC. */
#define TDCALL_LENGTH 4

/* Completion status: RAX[63:32]; details in RAX[31:0]. Bit 63: an error. */
#define TDX_STATUS(code) ((unsigned long long)(code) << 32)
#define TDX_ERROR_BIT    0x8000000000000000ULL

#define TDX_SUCCESS                      TDX_STATUS(0x00000000U)
#define TDX_OPERAND_BUSY                 TDX_STATUS(0x80000200U)
#define TDX_OPERAND_INVALID              TDX_STATUS(0xc0000100U)
#define TDX_OPERAND_ADDR_RANGE_ERROR     TDX_STATUS(0xc0000101U)
#define TDX_NO_VALID_VE_INFO             TDX_STATUS(0xc0000704U)
#define TDX_PAGE_ALREADY_ACCEPTED        TDX_STATUS(0x00000b0aU)
#define TDX_PAGE_SIZE_MISMATCH           TDX_STATUS(0xc0000b0bU)
#define TDX_L2_SEPT_WALK_FAILED          TDX_STATUS(0xc0000b0fU)
#define TDX_PAGE_ATTR_INVALID            TDX_STATUS(0xc0000b11U)
#define TDX_METADATA_FIELD_ID_INCORRECT  TDX_STATUS(0xc0000c00U)
#define TDX_METADATA_FIELD_NOT_WRITABLE  TDX_STATUS(0xc0000c01U)
#define TDX_METADATA_FIELD_NOT_READABLE  TDX_STATUS(0xc0000c02U)
#define TDX_METADATA_VALUE_NOT_VALID     TDX_STATUS(0xc0000c03U)
#define TDX_METADATA_FIRST_FIELD_ID      TDX_STATUS(0x00000c0bU)
#define TDX_L2_EXIT_HOST_ROUTED_ASYNC    TDX_STATUS(0x00001100U)
#define TDX_L2_EXIT_HOST_ROUTED_TDVMCALL TDX_STATUS(0x00001101U)
#define TDX_L2_EXIT_PENDING_INTERRUPT    TDX_STATUS(0x00001102U)
#define TDX_PENDING_INTERRUPT            TDX_STATUS(0x00001120U)

#define TDX_STATUS_CODE(status) ((status) >> 32 << 32)

/* Operand ids, in the details of TDX_OPERAND_INVALID. */
#define TDX_OPERAND_RAX            0
#define TDX_OPERAND_RCX            1
#define TDX_OPERAND_RDX            2
#define TDX_OPERAND_R8             8
#define TDX_OPERAND_R9             9
#define TDX_OPERAND_L2_VAPIC_GPA   170
#define TDX_OPERAND_METADATA_FIELD 176

/* TDG.VP.INFO: RDX, TD ATTRIBUTES. */
#define TDX_ATTRIBUTE_DEBUG           (1ULL << 0)
#define TDX_ATTRIBUTE_SEPT_VE_DISABLE (1ULL << 28)

/* TDG.MEM.PAGE.ACCEPT, TDG.MEM.PAGE.ATTR.RD/WR: RCX = GPA[51:12] | level[2:0]. */
#define TDX_LEVEL_4K     0
#define TDX_LEVEL_2M     1
#define TDX_LEVEL_1G     2
#define TDX_LEVEL_MASK   7ULL
#define TDX_PAGE_PENDING (1ULL << 62) /* in RCX out of ATTR.RD/WR */

/* TDG.MEM.PAGE.ATTR.WR: RDX holds one attribute word a VM, R8 one mask a VM; 16 bits each. */
#define TDX_ATTR_R           (1U << 0)
#define TDX_ATTR_W           (1U << 1)
#define TDX_ATTR_XS          (1U << 2)
#define TDX_ATTR_XU          (1U << 3)
#define TDX_ATTR_VALID       (1U << 15)
#define TDX_ATTR_MASK_INVEPT (1U << 15) /* in the mask */
#define TDX_ATTR_SHIFT(vm)   (16U * (vm))

/* TDG.VP.ENTER: RCX. */
#define TDX_ENTER_FLUSH_NONE 0
#define TDX_ENTER_FLUSH_EPT  1
#define TDX_ENTER_FLUSH_VPID 2
#define TDX_ENTER_VM_SHIFT   52

/* R13 of an L2 to L1 exit: extended exit qualification, type in bits 3:0. */
#define TDX_EXT_QUAL_PENDING_PAGE 6

/* Initial state of every vCPU of a TD (src/common/helpers; TDVF design guide). */
#define TD_RESET_RIP 0xfffffff0U

#endif

/*
 * TDG.VP.VMCALL: sub-functions and status of the Guest-Host-Communication Interface.
 *
 * Source: Intel, Guest-Host-Communication Interface for TDX 1.5; Linux
 * arch/x86/include/asm/shared/tdx.h. R10 = 0 and R11 = sub-function going in; R10 = status out.
 */
#ifndef ABI_GHCI_H
#define ABI_GHCI_H

#define GHCI_GET_TDVMCALL_INFO  0x10000
#define GHCI_MAP_GPA            0x10001
#define GHCI_GET_QUOTE          0x10002
#define GHCI_REPORT_FATAL_ERROR 0x10003
#define GHCI_SETUP_EVENT_NOTIFY 0x10004
/* The rest are VMX exit reasons (abi/vmx.h). */
#define GHCI_CPUID  10
#define GHCI_HLT    12
#define GHCI_IO     30
#define GHCI_RDMSR  31
#define GHCI_WRMSR  32
#define GHCI_MMIO   48
#define GHCI_WBINVD 54

#define GHCI_READ  0
#define GHCI_WRITE 1

#define GHCI_SUCCESS         0x0000000000000000ULL
#define GHCI_RETRY           0x0000000000000001ULL
#define GHCI_INVALID_OPERAND 0x8000000000000000ULL
#define GHCI_GPA_IN_USE      0x8000000000000001ULL
#define GHCI_ALIGN_ERROR     0x8000000000000002ULL

/* RCX: which registers the host sees. R10 to R15, and all that a TD may expose but RBP. */
#define GHCI_MASK_R10_R15 0xfc00U
#define GHCI_MASK_ALL     0xffccU

/* ReportFatalError: bytes of text in R14 R15 RBX RDI RSI R8 R9 RDX, in this order. */
#define GHCI_FATAL_TEXT 64

#endif

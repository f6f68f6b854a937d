/* What L2 gets for its TDCALLs, ports and device memory. */
#include "abi/fw_cfg.h"
#include "abi/ghci.h"
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "arch/print.h"
#include "exits/exits.h"
#include "fake/l2.h"
#include "loader/acpi.h"
#include "pci/pci.h"
#include "suite.h"

#define RAM_SIZE   0x400000ULL
#define SHARED_BIT (1ULL << 47)

static struct vcpu vcpu;

static void setup(void)
{
    fake_host_reset();
    fake_l2_reset(&vcpu);
    fake_l2_ram(0, RAM_SIZE);
}

static void teardown(void)
{
    fake_host_reset();
}

static uint64_t *gpr(unsigned index)
{
    return &vcpu.state->gpr[index];
}

static uint64_t leaf(uint64_t number)
{
    *gpr(L2_RAX) = number;
    exit_tdcall(&vcpu);
    return *gpr(L2_RAX);
}

/* TDG.VP.VMCALL of `function` with R12 to R15; the host's verdict. */
static uint64_t vmcall(uint64_t function, uint64_t r12, uint64_t r13, uint64_t r14, uint64_t r15)
{
    *gpr(L2_RCX) = GHCI_MASK_R10_R15;
    *gpr(L2_R10) = 0;
    *gpr(L2_R11) = function;
    *gpr(L2_R12) = r12;
    *gpr(L2_R13) = r13;
    *gpr(L2_R14) = r14;
    *gpr(L2_R15) = r15;
    ck_assert_uint_eq(leaf(TDG_VP_VMCALL), TDX_SUCCESS);
    return *gpr(L2_R10);
}

START_TEST(user_mode_gets_a_general_protection_fault)
{
    vcpu.exit.cpl = 3;
    ck_assert_uint_eq(leaf(TDG_VP_INFO), TDG_VP_INFO);
    ck_assert_uint_eq(vcpu.event.info & VMX_EVENT_VECTOR, VECTOR_GP);
    ck_assert_uint_eq(vcpu.state->rip, 0x1000);
}
END_TEST

START_TEST(info_tells_of_one_vcpu)
{
    ck_assert_uint_eq(leaf(TDG_VP_INFO), TDX_SUCCESS);
    ck_assert_uint_eq(*gpr(L2_RCX), 48);
    ck_assert_uint_eq(*gpr(L2_R8), 1 | 1ULL << 32);
    ck_assert_uint_ne(*gpr(L2_RDX) & TDX_ATTRIBUTE_SEPT_VE_DISABLE, 0);
    ck_assert(vcpu.is_tdx_guest);
    ck_assert_uint_eq(vcpu.state->rip, 0x1000 + TDCALL_LENGTH);
}
END_TEST

START_TEST(unknown_leaves_are_refused)
{
    ck_assert_uint_eq(leaf(TDG_VP_ENTER), TDX_OPERAND_INVALID);
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ATTR_WR), TDX_OPERAND_INVALID);
    ck_assert_uint_eq(leaf(TDG_LEAVES), TDX_OPERAND_INVALID);
    ck_assert_uint_eq(leaf(~0ULL), TDX_OPERAND_INVALID);
}
END_TEST

START_TEST(accept_takes_pages_of_l2_only)
{
    *gpr(L2_RCX) = 0x1000;
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ACCEPT), TDX_PAGE_ALREADY_ACCEPTED);
    *gpr(L2_RCX) = RAM_SIZE;
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ACCEPT), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
    *gpr(L2_RCX) = 0x1000 | TDX_LEVEL_2M;
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ACCEPT), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
    *gpr(L2_RCX) = TDX_LEVEL_1G;
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ACCEPT), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
    *gpr(L2_RCX) = 0x1000 | SHARED_BIT;
    ck_assert_uint_eq(leaf(TDG_MEM_PAGE_ACCEPT), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
}
END_TEST

START_TEST(ve_info_is_given_once)
{
    vcpu.is_tdx_guest = true;
    vcpu.exit.gpa = 0xc0000004 | SHARED_BIT;
    vcpu.exit.gla = 0xffffc90000001004;
    exit_ept_violation(&vcpu);
    ck_assert_uint_eq(vcpu.event.info & VMX_EVENT_VECTOR, VECTOR_VE);
    ck_assert_uint_eq(leaf(TDG_VP_VEINFO_GET), TDX_SUCCESS);
    ck_assert_uint_eq(*gpr(L2_RCX), VMX_EXIT_EPT_VIOLATION);
    ck_assert_uint_eq(*gpr(L2_R8), 0xffffc90000001004);
    ck_assert_uint_eq(*gpr(L2_R9), 0xc0000004 | SHARED_BIT);
    ck_assert_uint_eq(leaf(TDG_VP_VEINFO_GET), TDX_NO_VALID_VE_INFO);
}
END_TEST

START_TEST(a_second_ve_is_a_double_fault)
{
    vcpu.is_tdx_guest = true;
    exit_ept_violation(&vcpu);
    exit_ept_violation(&vcpu);
    ck_assert_uint_eq(vcpu.event.info & VMX_EVENT_VECTOR, VECTOR_DF);
}
END_TEST

START_TEST(a_plain_kernel_is_named)
{
    vcpu.exit.gpa = 0xb0000000;
    ck_assert(FAKE_GIVES_UP(exit_ept_violation(&vcpu)));
    ck_assert_ptr_nonnull(strstr(fake_host.fatal, "CONFIG_INTEL_TDX_GUEST"));
}
END_TEST

/* Nothing could wake it: svsm must not wait for ever. */
START_TEST(a_halt_with_interrupts_blocked_is_the_end)
{
    vcpu.state->rflags = X86_RFLAGS_IF;
    exit_hlt(&vcpu);
    ck_assert(vcpu.halted);
    vcpu.state->rflags = 0;
    ck_assert(FAKE_GIVES_UP(exit_hlt(&vcpu)));
    ck_assert_ptr_nonnull(strstr(fake_host.fatal, "damaged"));
    fake_host.fatal[0] = '\0';
    vcpu.is_tdx_guest = true;
    ck_assert(FAKE_GIVES_UP(vmcall(GHCI_HLT, 1, 0, 0, 0)));
    ck_assert_str_eq(fake_host.fatal, "");
    ck_assert_uint_eq(vmcall(GHCI_HLT, 0, 0, 0, 0), GHCI_SUCCESS);
}
END_TEST

START_TEST(a_triple_fault_tells_a_plain_kernel)
{
    ck_assert(FAKE_GIVES_UP(exit_triple_fault(&vcpu)));
    ck_assert_ptr_nonnull(strstr(fake_host.fatal, "CONFIG_INTEL_TDX_GUEST"));
}
END_TEST

START_TEST(registers_that_are_not_named_stay)
{
    *gpr(L2_RCX) = 3U << 10; /* R10 and R11 */
    *gpr(L2_R10) = 0;
    *gpr(L2_R11) = GHCI_CPUID;
    *gpr(L2_R12) = 0x1234;
    *gpr(L2_R13) = 0x5678;
    ck_assert_uint_eq(leaf(TDG_VP_VMCALL), TDX_SUCCESS);
    ck_assert_uint_eq(*gpr(L2_R12), 0x1234);
    ck_assert_uint_eq(*gpr(L2_R13), 0x5678);
    *gpr(L2_RCX) = 1U << L2_RSP | GHCI_MASK_R10_R15;
    ck_assert_uint_eq(leaf(TDG_VP_VMCALL), TDX_OPERAND_INVALID | TDX_OPERAND_RCX);
}
END_TEST

START_TEST(conversions_stay_inside_l2)
{
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0x2000 | SHARED_BIT, 0x3000, 0, 0), GHCI_SUCCESS);
    ck_assert_uint_eq(fake_l2.shared_from, 0x2000);
    ck_assert_uint_eq(fake_l2.shared_size, 0x3000);
    ck_assert(fake_l2.mapped_shared);
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0x2001, 0x1000, 0, 0), GHCI_ALIGN_ERROR);
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0x2000, 0, 0, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0x2000, ~0xfffULL, 0, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, RAM_SIZE - 0x1000, 0x2000, 0, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(fake_l2.mapped, 1);
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0xc0000000 | SHARED_BIT, 0x1000, 0, 0), GHCI_SUCCESS);
    ck_assert_uint_eq(fake_l2.mapped, 1);
}
END_TEST

/* What is pending may be lost when the host refuses, but never called private. */
START_TEST(a_refused_conversion_is_not_private)
{
    fake_host.refuses_io = true;
    ck_assert_uint_eq(vmcall(GHCI_MAP_GPA, 0x2000 | SHARED_BIT, 0x1000, 0, 0),
                      GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(fake_l2.shared_from, 0x2000);
}
END_TEST

START_TEST(unknown_functions_are_refused)
{
    ck_assert_uint_eq(vmcall(GHCI_GET_QUOTE, 0, 0, 0, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_IO, 3, 0, 0x70, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_IO, 1, 2, 0x70, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_IO, 1, 0, 0x10070, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_MMIO, 16, 0, 0xc0000000, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_MMIO, 4, 0, 0x1000, 0), GHCI_INVALID_OPERAND);
    ck_assert_uint_eq(vmcall(GHCI_RDMSR, 0x480, 0, 0, 0), GHCI_INVALID_OPERAND);
}
END_TEST

/* L2 must not write svsm's lines, read the host's files, or switch the machine off itself. */
START_TEST(ports_of_svsm_are_out_of_reach)
{
    static const uint16_t ports[] = {DEBUG_PORT, FW_CFG_PORT_SELECT, 0x604, 0xcf9, 0xe9, 0xf4};

    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        fake_host.last_out.port = 0;
        port_write_of_l2(&vcpu, ports[i], 1, 0x41);
        ck_assert_uint_eq(fake_host.last_out.port, 0);
        ck_assert_uint_eq(port_read_of_l2(&vcpu, ports[i], 1), 0xff);
    }
    port_write_of_l2(&vcpu, 0x3f8, 1, 0x41);
    ck_assert_uint_eq(fake_host.last_out.port, 0x3f8);
}
END_TEST

START_TEST(sleep_and_reset_end_the_td)
{
    ck_assert(FAKE_GIVES_UP(port_write_of_l2(&vcpu, ACPI_PORT_SLEEP_CONTROL, 1,
                                             ACPI_SLEEP_ENABLE | ACPI_SLEEP_TYPE_OFF << 2)));
    ck_assert(FAKE_GIVES_UP(port_write_of_l2(&vcpu, ACPI_PORT_RESET, 1, ACPI_RESET_VALUE)));
}
END_TEST

START_TEST(svsms_device_is_hidden)
{
    fake_function(PCI_FUNCTION(3, 0), 0x1af4, 0x1041);
    fake_function(PCI_OWN_FUNCTION, 0x1af4, 0x1043);
    pci_setup();
    port_write_of_l2(&vcpu, PCI_PORT_ADDRESS, 4, 0x80000000U | PCI_FUNCTION(3U, 0U) << 8);
    ck_assert_uint_eq(port_read_of_l2(&vcpu, PCI_PORT_DATA, 4), 0x10411af4);
    port_write_of_l2(&vcpu, PCI_PORT_ADDRESS, 4, 0x80000000U | PCI_OWN_FUNCTION << 8);
    ck_assert_uint_eq(port_read_of_l2(&vcpu, PCI_PORT_DATA, 4), 0xffffffff);
    uint64_t value = 0;
    ck_assert(mmio_read_of_l2(gpa(PCI_ECAM_BASE + (PCI_OWN_FUNCTION << 12)), 4, &value));
    ck_assert_uint_eq(value, 0xffffffff);
}
END_TEST

START_TEST(string_io_is_refused)
{
    vcpu.exit.qualification = IO_QUAL_STRING | 0x3f8U << IO_QUAL_PORT_SHIFT;
    exit_io(&vcpu);
    ck_assert_uint_eq(vcpu.event.info & VMX_EVENT_VECTOR, VECTOR_GP);
}
END_TEST

START_TEST(a_narrow_in_keeps_the_upper_bytes)
{
    *gpr(L2_RAX) = 0x1122334455667788;
    vcpu.exit.qualification = IO_QUAL_IN | 0x402U << IO_QUAL_PORT_SHIFT;
    exit_io(&vcpu);
    ck_assert_uint_eq(*gpr(L2_RAX), 0x11223344556677ff);
    vcpu.exit.qualification |= 3;
    exit_io(&vcpu);
    ck_assert_uint_eq(*gpr(L2_RAX), 0xffffffff);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, user_mode_gets_a_general_protection_fault);
    tcase_add_test(tests, info_tells_of_one_vcpu);
    tcase_add_test(tests, unknown_leaves_are_refused);
    tcase_add_test(tests, accept_takes_pages_of_l2_only);
    tcase_add_test(tests, ve_info_is_given_once);
    tcase_add_test(tests, a_second_ve_is_a_double_fault);
    tcase_add_test(tests, a_plain_kernel_is_named);
    tcase_add_test(tests, a_halt_with_interrupts_blocked_is_the_end);
    tcase_add_test(tests, a_triple_fault_tells_a_plain_kernel);
    tcase_add_test(tests, registers_that_are_not_named_stay);
    tcase_add_test(tests, conversions_stay_inside_l2);
    tcase_add_test(tests, a_refused_conversion_is_not_private);
    tcase_add_test(tests, unknown_functions_are_refused);
    tcase_add_test(tests, ports_of_svsm_are_out_of_reach);
    tcase_add_test(tests, sleep_and_reset_end_the_td);
    tcase_add_test(tests, svsms_device_is_hidden);
    tcase_add_test(tests, string_io_is_refused);
    tcase_add_test(tests, a_narrow_in_keeps_the_upper_bytes);
}

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-exits");
    TCase *tests = tcase_create("exits");
    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return suite;
}

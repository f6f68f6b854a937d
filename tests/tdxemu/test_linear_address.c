/*
 * tdxemu/svm/linear_address.h: operands of assembled instructions lie where their text says,
 * truncated ones are refused, hostile bytes stay within bounds.
 *
 * The bytes are what the GNU assembler makes of the text (.intel_syntax noprefix).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "svm/linear_address.h"

#define RAX 0xffff888010000000ULL
#define RCX 0x0000000001234560ULL
#define RDX 0xffff8887fffffff0ULL /* as a number of bits -16, unless all 64 bits count */
#define RBX 0xffffc90020000010ULL
#define RSP 0xfffffe0030000020ULL
#define RBP 0xffffea0040000030ULL
#define RSI 0xffff888050000040ULL
#define RDI 0xffffc90060000050ULL
#define R8  0xffff888070000060ULL
#define R9  0xffffc900f0000070ULL
#define R10 0xffff888090000080ULL
#define R11 0x00000000a0000090ULL
#define R12 0x00007f00b00000a0ULL
#define R13 0xffff8880c00000b0ULL
#define R14 0x00000000d00000c0ULL
#define R15 0xffffc900e00000d0ULL
#define RIP 0xffffffff81000ff8ULL
#define EAX RAX
#define ECX RCX
#define EBX RBX
#define ESP RSP
#define EBP RBP
#define ESI RSI
#define EDI RDI
#define ES  0x0000000001000000ULL
#define CS  0x0000000002000000ULL
#define SS  0x0000000003000000ULL
#define DS  0x0000000004000000ULL
#define FS  0x0000700005000000ULL
#define GS  0xffff888006000000ULL

static const struct instruction_context state = {
    .rip = RIP,
    .registers = {RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15},
    .bases = {ES, CS, SS, DS, FS, GS},
};

struct row {
    const char *text;
    const char *bytes;
    size_t length;
    bool write;
    uint64_t address;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct row known_64[] = {
    {"mov eax, [rbx]", BYTES("\x8b\x03"), false, RBX},
    {"mov [rsp+8], rdx", BYTES("\x48\x89\x54\x24\x08"), false, RSP + 8},
    {"mov byte ptr [rbp-1], 7", BYTES("\xc6\x45\xff\x07"), false, RBP - 1},
    {"mov word ptr [r12+0x12345678], 0x1234", BYTES("\x66\x41\xc7\x84\x24\x78\x56\x34\x12\x34\x12"),
     false, R12 + 0x12345678},
    {"mov dword ptr [r13], 0x12345678", BYTES("\x41\xc7\x45\x00\x78\x56\x34\x12"), false, R13},
    {"mov qword ptr [rip+0x100], 0x12345678", BYTES("\x48\xc7\x05\x00\x01\x00\x00\x78\x56\x34\x12"),
     false, RIP + 11 + 0x100},
    {"mov word ptr [rip+0x100], 0x1234", BYTES("\x66\xc7\x05\x00\x01\x00\x00\x34\x12"), false,
     RIP + 9 + 0x100},
    {"mov byte ptr [rip-0x100], 0x12", BYTES("\xc6\x05\x00\xff\xff\xff\x12"), false,
     RIP + 7 - 0x100},
    {"mov rcx, [rip+0x7fffffff]", BYTES("\x48\x8b\x0d\xff\xff\xff\x7f"), false,
     RIP + 7 + 0x7fffffff},
    {"cmp dword ptr [rip+0x10], 0x11223344", BYTES("\x81\x3d\x10\x00\x00\x00\x44\x33\x22\x11"),
     false, RIP + 10 + 0x10},
    {"cmp dword ptr [rip+0x10], 5", BYTES("\x83\x3d\x10\x00\x00\x00\x05"), false, RIP + 7 + 0x10},
    {"cmp byte ptr [rip+0x10], 5", BYTES("\x80\x3d\x10\x00\x00\x00\x05"), false, RIP + 7 + 0x10},
    {"test byte ptr [rip+0x10], 5", BYTES("\xf6\x05\x10\x00\x00\x00\x05"), false, RIP + 7 + 0x10},
    {"test word ptr [rip+0x10], 0x1234", BYTES("\x66\xf7\x05\x10\x00\x00\x00\x34\x12"), false,
     RIP + 9 + 0x10},
    {"test qword ptr [rip+0x10], 0x1234567", BYTES("\x48\xf7\x05\x10\x00\x00\x00\x67\x45\x23\x01"),
     false, RIP + 11 + 0x10},
    {"not byte ptr [rip+0x10]", BYTES("\xf6\x15\x10\x00\x00\x00"), false, RIP + 6 + 0x10},
    {"neg qword ptr [rip+0x10]", BYTES("\x48\xf7\x1d\x10\x00\x00\x00"), false, RIP + 7 + 0x10},
    {"imul eax, [rip+0x10], 0x1234567", BYTES("\x69\x05\x10\x00\x00\x00\x67\x45\x23\x01"), false,
     RIP + 10 + 0x10},
    {"imul ax, [rip+0x10], 0x1234", BYTES("\x66\x69\x05\x10\x00\x00\x00\x34\x12"), false,
     RIP + 9 + 0x10},
    {"imul rax, [rip+0x10], 3", BYTES("\x48\x6b\x05\x10\x00\x00\x00\x03"), false, RIP + 8 + 0x10},
    {"shl dword ptr [rip+0x10], 3", BYTES("\xc1\x25\x10\x00\x00\x00\x03"), false, RIP + 7 + 0x10},
    {"shr qword ptr [rip+0x10], 1", BYTES("\x48\xd1\x2d\x10\x00\x00\x00"), false, RIP + 7 + 0x10},
    {"sar qword ptr [r9], cl", BYTES("\x49\xd3\x39"), false, R9},
    {"mov eax, [eip+0x10]", BYTES("\x67\x8b\x05\x10\x00\x00\x00"), false,
     (RIP + 7 + 0x10) & 0xffffffff},
    {"mov eax, [ebx]", BYTES("\x67\x8b\x03"), false, RBX & 0xffffffff},
    {"mov eax, [ebx+ecx*4-4]", BYTES("\x67\x8b\x44\x8b\xfc"), false,
     (RBX + 4 * RCX - 4) & 0xffffffff},
    {"mov eax, fs:[ebx]", BYTES("\x64\x67\x8b\x03"), false, FS + (RBX & 0xffffffff)},
    {"mov eax, [rax+rcx*8]", BYTES("\x8b\x04\xc8"), false, RAX + 8 * RCX},
    {"mov eax, [r10+r11*2+0x40]", BYTES("\x43\x8b\x44\x5a\x40"), false, R10 + 2 * R11 + 0x40},
    {"mov eax, [r12*4+0x1000]", BYTES("\x42\x8b\x04\xa5\x00\x10\x00\x00"), false, 4 * R12 + 0x1000},
    {"mov eax, [rsp+r12]", BYTES("\x42\x8b\x04\x24"), false, RSP + R12},
    {"mov eax, [rbp+rax*1+0]", BYTES("\x8b\x44\x05\x00"), false, RBP + RAX},
    {"mov eax, [r13+r14*4-0x80000000]", BYTES("\x43\x8b\x84\xb5\x00\x00\x00\x80"), false,
     R13 + 4 * R14 - 0x80000000},
    {"mov eax, ds:[0xfffffffffffff000]", BYTES("\x8b\x04\x25\x00\xf0\xff\xff"), false,
     0xfffffffffffff000},
    {"mov eax, [r15+0x7f]", BYTES("\x41\x8b\x47\x7f"), false, R15 + 0x7f},
    {"mov rax, gs:[0x28]", BYTES("\x65\x48\x8b\x04\x25\x28\x00\x00\x00"), false, GS + 0x28},
    {"mov rax, fs:[rdi]", BYTES("\x64\x48\x8b\x07"), false, FS + RDI},
    {"mov rax, gs:[rip+0x20]", BYTES("\x65\x48\x8b\x05\x20\x00\x00\x00"), false,
     GS + RIP + 8 + 0x20},
    {"mov rax, ss:[rdi]", BYTES("\x36\x48\x8b\x07"), false, RDI},
    {".byte 0x64, 0x3e; mov rax, [rdi]", BYTES("\x64\x3e\x48\x8b\x07"), false, FS + RDI},
    {".byte 0x64; mov rax, gs:[rdi]", BYTES("\x64\x65\x48\x8b\x07"), false, GS + RDI},
    {".byte 0x49, 0x66; mov [rax], ecx", BYTES("\x49\x66\x89\x08"), false, RAX},
    {".byte 0x49, 0x41; mov [rax], ecx", BYTES("\x49\x41\x89\x08"), false, R8},
    {"movabs al, [0xffff888012345678]", BYTES("\xa0\x78\x56\x34\x12\x80\x88\xff\xff"), false,
     0xffff888012345678},
    {"movabs fs:[0x1122334455667788], rax", BYTES("\x64\x48\xa3\x88\x77\x66\x55\x44\x33\x22\x11"),
     false, FS + 0x1122334455667788},
    {".byte 0x67, 0xa1, 0x78, 0x56, 0x34, 0xf2", BYTES("\x67\xa1\x78\x56\x34\xf2"), false,
     0xf2345678},
    {"add [rcx], eax", BYTES("\x01\x01"), false, RCX},
    {"lock add dword ptr [rcx+4], 1", BYTES("\xf0\x83\x41\x04\x01"), false, RCX + 4},
    {"xchg rax, [r8]", BYTES("\x49\x87\x00"), false, R8},
    {"movsxd rax, dword ptr [rdx]", BYTES("\x48\x63\x02"), false, RDX},
    {"movzx eax, byte ptr [rsi]", BYTES("\x0f\xb6\x06"), false, RSI},
    {"movzx eax, word ptr [rsi+2]", BYTES("\x0f\xb7\x46\x02"), false, RSI + 2},
    {"movsx rax, byte ptr [rdi+r8]", BYTES("\x4a\x0f\xbe\x04\x07"), false, RDI + R8},
    {"movsx eax, word ptr [rdi]", BYTES("\x0f\xbf\x07"), false, RDI},
    {"mov ds, [rbx]", BYTES("\x8e\x1b"), false, RBX},
    {"mov [rbx], es", BYTES("\x8c\x03"), false, RBX},
    {"inc byte ptr [rbx]", BYTES("\xfe\x03"), false, RBX},
    {"dec qword ptr [rbx]", BYTES("\x48\xff\x0b"), false, RBX},
    {"jmp qword ptr [rbx]", BYTES("\xff\x23"), false, RBX},
    {"call qword ptr [rbx+8]", BYTES("\xff\x53\x08"), false, RBX + 8},
    {"push qword ptr [rsp+8]", BYTES("\xff\x74\x24\x08"), false, RSP + 8},
    {"pop qword ptr [rsp+8]", BYTES("\x8f\x44\x24\x08"), true, RSP + 16},
    {"pop word ptr [rsp+8]", BYTES("\x66\x8f\x44\x24\x08"), true, RSP + 10},
    {"pop qword ptr [rsp+rax]", BYTES("\x8f\x04\x04"), true, RSP + 8 + RAX},
    {"pop qword ptr [r12]", BYTES("\x41\x8f\x04\x24"), true, R12},
    {"movsb", BYTES("\xa4"), false, RSI},
    {"movsq", BYTES("\x48\xa5"), true, RDI},
    {"rep movsd", BYTES("\xf3\xa5"), true, RDI},
    {"rep movs byte ptr es:[rdi], byte ptr fs:[rsi]", BYTES("\x64\xf3\xa4"), false, FS + RSI},
    {"rep movs byte ptr es:[rdi], byte ptr fs:[rsi]", BYTES("\x64\xf3\xa4"), true, RDI},
    {"movs byte ptr es:[edi], byte ptr [esi]", BYTES("\x67\xa4"), false, RSI & 0xffffffff},
    {"rep stosq", BYTES("\xf3\x48\xab"), true, RDI},
    {".byte 0x64; rep stosb", BYTES("\x64\xf3\xaa"), true, RDI},
    {"stos byte ptr es:[edi], al", BYTES("\x67\xaa"), true, RDI & 0xffffffff},
    {"lodsb", BYTES("\xac"), false, RSI},
    {"lods rax, qword ptr gs:[rsi]", BYTES("\x65\x48\xad"), false, GS + RSI},
    {"repne scasb", BYTES("\xf2\xae"), false, RDI},
    {"repe cmpsb", BYTES("\xf3\xa6"), false, RSI},
    {"bt [rax], edx", BYTES("\x0f\xa3\x10"), false, RAX - 4},
    {"bts [rax], dx", BYTES("\x66\x0f\xab\x10"), false, RAX - 2},
    {"btr [rax], rdx", BYTES("\x48\x0f\xb3\x10"), false, RAX - 0xeef00000008},
    {"btc [rip+0x100], edx", BYTES("\x0f\xbb\x15\x00\x01\x00\x00"), false, RIP + 7 + 0x100 - 4},
    {"bt dword ptr [rip+0x100], 31", BYTES("\x0f\xba\x25\x00\x01\x00\x00\x1f"), false,
     RIP + 8 + 0x100},
    {"bts qword ptr [rax], 63", BYTES("\x48\x0f\xba\x28\x3f"), false, RAX},
    {"cmpxchg [rbx], cl", BYTES("\x0f\xb0\x0b"), false, RBX},
    {"lock cmpxchg [rbx], rcx", BYTES("\xf0\x48\x0f\xb1\x0b"), false, RBX},
    {"cmpxchg16b [rbx]", BYTES("\x48\x0f\xc7\x0b"), false, RBX},
    {"xadd [rbx], ecx", BYTES("\x0f\xc1\x0b"), false, RBX},
    {"xadd [rbx], cl", BYTES("\x0f\xc0\x0b"), false, RBX},
    {"cmovne rax, [rbx]", BYTES("\x48\x0f\x45\x03"), false, RBX},
    {"sete byte ptr [rbx]", BYTES("\x0f\x94\x03"), false, RBX},
    {"shld [rip+8], eax, 3", BYTES("\x0f\xa4\x05\x08\x00\x00\x00\x03"), false, RIP + 8 + 8},
    {"shrd [rip+8], eax, cl", BYTES("\x0f\xad\x05\x08\x00\x00\x00"), false, RIP + 7 + 8},
    {"imul rax, [rbx]", BYTES("\x48\x0f\xaf\x03"), false, RBX},
    {"bsf rax, [rbx]", BYTES("\x48\x0f\xbc\x03"), false, RBX},
    {"popcnt rax, [rbx]", BYTES("\xf3\x48\x0f\xb8\x03"), false, RBX},
    {"movnti [rbx], eax", BYTES("\x0f\xc3\x03"), false, RBX},
    {"movups xmm0, [rbx]", BYTES("\x0f\x10\x03"), false, RBX},
    {"movups [rbx], xmm0", BYTES("\x0f\x11\x03"), false, RBX},
    {"movaps xmm8, [r9+0x10]", BYTES("\x45\x0f\x28\x41\x10"), false, R9 + 0x10},
    {"movdqa [rbx+rcx], xmm1", BYTES("\x66\x0f\x7f\x0c\x0b"), false, RBX + RCX},
    {"movdqu xmm1, [rip+0x40]", BYTES("\xf3\x0f\x6f\x0d\x40\x00\x00\x00"), false, RIP + 8 + 0x40},
    {"movq mm0, [rbx]", BYTES("\x0f\x6f\x03"), false, RBX},
    {"movntdq [rbx], xmm3", BYTES("\x66\x0f\xe7\x1b"), false, RBX},
    {"movq [rbx], xmm0", BYTES("\x66\x0f\xd6\x03"), false, RBX},
    {"movss xmm0, [rbx]", BYTES("\xf3\x0f\x10\x03"), false, RBX},
    {"pshufd xmm0, [rip+0x40], 0x1b", BYTES("\x66\x0f\x70\x05\x40\x00\x00\x00\x1b"), false,
     RIP + 9 + 0x40},
    {"fxsave [rbx]", BYTES("\x0f\xae\x03"), false, RBX},
    {"movbe eax, [rbx]", BYTES("\x0f\x38\xf0\x03"), false, RBX},
    {"movbe [r9], rax", BYTES("\x49\x0f\x38\xf1\x01"), false, R9},
    {"crc32 eax, byte ptr [rbx]", BYTES("\xf2\x0f\x38\xf0\x03"), false, RBX},
    {"pshufb xmm0, [rbx]", BYTES("\x66\x0f\x38\x00\x03"), false, RBX},
    {"palignr xmm0, [rip+0x40], 4", BYTES("\x66\x0f\x3a\x0f\x05\x40\x00\x00\x00\x04"), false,
     RIP + 10 + 0x40},
    {"vmovups ymm0, [rbx]", BYTES("\xc5\xfc\x10\x03"), false, RBX},
    {"vmovdqu [r9+r10*4], ymm1", BYTES("\xc4\x81\x7e\x7f\x0c\x91"), false, R9 + 4 * R10},
    {"vmovdqa xmm9, [rip+0x40]", BYTES("\xc5\x79\x6f\x0d\x40\x00\x00\x00"), false, RIP + 8 + 0x40},
    {"vpshufd ymm0, [rip+0x40], 0x1b", BYTES("\xc5\xfd\x70\x05\x40\x00\x00\x00\x1b"), false,
     RIP + 9 + 0x40},
    {"vpbroadcastd ymm0, [r15+4]", BYTES("\xc4\xc2\x7d\x58\x47\x04"), false, R15 + 4},
    {"vpalignr ymm0, ymm1, [rip+0x40], 4", BYTES("\xc4\xe3\x75\x0f\x05\x40\x00\x00\x00\x04"), false,
     RIP + 10 + 0x40},
    {"vfmadd231ps ymm0, ymm1, [rax+r9]", BYTES("\xc4\xa2\x75\xb8\x04\x08"), false, RAX + R9},
    {"andn eax, ebx, [rcx]", BYTES("\xc4\xe2\x60\xf2\x01"), false, RCX},
    {"rorx rax, [rip+0x40], 7", BYTES("\xc4\xe3\xfb\xf0\x05\x40\x00\x00\x00\x07"), false,
     RIP + 10 + 0x40},
    {"bextr rax, fs:[rbx], rcx", BYTES("\x64\xc4\xe2\xf0\xf7\x03"), false, FS + RBX},
    {".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66; mov [r9], ecx",
     BYTES("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x41\x89\x09"), false, R9},
    {"fld qword ptr [rbx]", BYTES("\xdd\x03"), false, RBX},
    {"fistp dword ptr [rip+0x10]", BYTES("\xdb\x1d\x10\x00\x00\x00"), true, RIP + 6 + 0x10},
};

/* Addresses are compared modulo 2^32. */
static const struct row known_32[] = {
    {"mov eax, [ebx]", BYTES("\x8b\x03"), false, DS + EBX},
    {"mov eax, [ebp]", BYTES("\x8b\x45\x00"), false, SS + EBP},
    {"mov eax, [esp+4]", BYTES("\x8b\x44\x24\x04"), false, SS + ESP + 4},
    {"mov eax, [ebp*1+8]", BYTES("\x8b\x04\x2d\x08\x00\x00\x00"), false, DS + EBP + 8},
    {"mov eax, [eax+ebp*4]", BYTES("\x8b\x04\xa8"), false, DS + EAX + 4 * EBP},
    {"mov eax, ds:[ebp+4]", BYTES("\x3e\x8b\x45\x04"), false, DS + EBP + 4},
    {"mov eax, ss:[ebx]", BYTES("\x36\x8b\x03"), false, SS + EBX},
    {"mov eax, cs:[ebx]", BYTES("\x2e\x8b\x03"), false, CS + EBX},
    {"mov eax, es:[ebx]", BYTES("\x26\x8b\x03"), false, ES + EBX},
    {"mov eax, fs:[0x14]", BYTES("\x64\xa1\x14\x00\x00\x00"), false, FS + 0x14},
    {"mov gs:[ebx], eax", BYTES("\x65\x89\x03"), false, GS + EBX},
    {".byte 0x64; mov eax, es:[ebx]", BYTES("\x64\x26\x8b\x03"), false, ES + EBX},
    {"mov dword ptr ds:[0x12345678], 0x1234", BYTES("\xc7\x05\x78\x56\x34\x12\x34\x12\x00\x00"),
     false, DS + 0x12345678},
    {".byte 0xa1, 0x78, 0x56, 0x34, 0x12", BYTES("\xa1\x78\x56\x34\x12"), false, DS + 0x12345678},
    {"mov eax, [ebx-0x70000000]", BYTES("\x8b\x83\x00\x00\x00\x90"), false, DS + EBX - 0x70000000},
    {"movsd", BYTES("\xa5"), false, DS + ESI},
    {"movsd", BYTES("\xa5"), true, ES + EDI},
    {".byte 0x26; lodsb", BYTES("\x26\xac"), false, ES + ESI},
    {".byte 0x64; stosb", BYTES("\x64\xaa"), true, ES + EDI},
    {"arpl [ebx], ax", BYTES("\x63\x03"), false, DS + EBX},
    {"bound eax, [ebx]", BYTES("\x62\x03"), false, DS + EBX},
    {"les eax, [ebx]", BYTES("\xc4\x03"), false, DS + EBX},
    {"lds eax, [ebp]", BYTES("\xc5\x45\x00"), false, SS + EBP},
    {"pop dword ptr [esp]", BYTES("\x8f\x04\x24"), true, SS + ESP + 4},
    {"push dword ptr [esp]", BYTES("\xff\x34\x24"), false, SS + ESP},
    {"movups xmm0, [ebp]", BYTES("\x0f\x10\x45\x00"), false, SS + EBP},
    {"bt [ecx], edx", BYTES("\x0f\xa3\x11"), false, DS + ECX - 4},
    {"movzx eax, byte ptr [esi+edi*8]", BYTES("\x0f\xb6\x04\xfe"), false, DS + ESI + 8 * EDI},
};

static const struct row unknown_64[] = {
    {"mov eax, ebx", BYTES("\x89\xd8"), false, 0},
    {"lea rax, [rbx]", BYTES("\x48\x8d\x03"), false, 0},
    {"nop dword ptr [rax]", BYTES("\x0f\x1f\x00"), false, 0},
    {"prefetcht0 [rax]", BYTES("\x0f\x18\x08"), false, 0},
    {"prefetchw [rax]", BYTES("\x0f\x0d\x08"), false, 0},
    {"push rax", BYTES("\x50"), false, 0},
    {"pop rax", BYTES("\x58"), false, 0},
    {"ret", BYTES("\xc3"), false, 0},
    {"call .+0x100", BYTES("\xe8\xfb\x00\x00\x00"), false, 0},
    {"push qword ptr [rax]", BYTES("\xff\x30"), true, 0},
    {"call qword ptr [rax]", BYTES("\xff\x10"), true, 0},
    {"pop qword ptr [rax]", BYTES("\x8f\x00"), false, 0},
    {"movmskps eax, xmm0", BYTES("\x0f\x50\xc0"), false, 0},
    {"xlatb", BYTES("\xd7"), false, 0},
    {"vpgatherdd ymm0, [rax+ymm1*4], ymm2", BYTES("\xc4\xe2\x6d\x90\x04\x88"), false, 0},
    {"vmovups zmm0, [rax]", BYTES("\x62\xf1\x7c\x48\x10\x00"), false, 0},
    {".byte 0x8f, 0x28, 0x78, 0xc0, 0x00, 0x00", BYTES("\x8f\x28\x78\xc0\x00\x00"), false, 0},
    {".byte 0xc4, 0xe0, 0x78, 0x10, 0x00", BYTES("\xc4\xe0\x78\x10\x00"), false, 0},
    {".byte 0xc4, 0xe4, 0x78, 0x10, 0x00", BYTES("\xc4\xe4\x78\x10\x00"), false, 0},
    {"movabs rax, 0x1122334455667788", BYTES("\x48\xb8\x88\x77\x66\x55\x44\x33\x22\x11"), false, 0},
    {"vmovups zmm8, [r9+r10]", BYTES("\x62\x11\x7c\x48\x10\x04\x11"), false, 0},
};

static const struct row unknown_32[] = {
    {"mov eax, [bx]", BYTES("\x67\x8b\x07"), false, 0},
    {".byte 0x67; lodsb", BYTES("\x67\xac"), false, 0},
    {".byte 0x67, 0xa1, 0x34, 0x12", BYTES("\x67\xa1\x34\x12"), false, 0},
    {"inc eax", BYTES("\x40"), false, 0},
    {".byte 0xc5, 0xf8, 0x10, 0xc0", BYTES("\xc5\xf8\x10\xc0"), false, 0},
    {"lea eax, [ebx]", BYTES("\x8d\x03"), false, 0},
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define UNTOUCHED   0x5a5a5a5a5a5a5a5a

/* `length` bytes of a row, what follows them in the buffer being `rest`. */
static struct instruction_context context_of(const struct row *row, size_t length, bool code_64,
                                             unsigned char rest)
{
    struct instruction_context context = state;
    ck_assert_uint_le(row->length, INSTRUCTION_BYTES);
    memset(context.bytes, rest, sizeof context.bytes);
    memcpy(context.bytes, row->bytes, length);
    context.length = (unsigned)length;
    context.code_64 = code_64;
    context.write = row->write;
    return context;
}

static void check_known(const struct row *row, bool code_64)
{
    uint64_t expected = code_64 ? row->address : (uint32_t)row->address;
    uint64_t address = UNTOUCHED;
    struct instruction_context context = context_of(row, row->length, code_64, 0x90);
    ck_assert_msg(linear_address_of_operand(&context, &address), "%s", row->text);
    ck_assert_msg(address == expected, "%s: 0x%llx, expected 0x%llx", row->text,
                  (unsigned long long)address, (unsigned long long)expected);
    context.length = INSTRUCTION_BYTES;
    address = UNTOUCHED;
    ck_assert_msg(linear_address_of_operand(&context, &address), "%s and more", row->text);
    ck_assert_msg(address == expected, "%s and more", row->text);
}

static void check_refused(const struct instruction_context *context, const char *text)
{
    uint64_t address = UNTOUCHED;
    ck_assert_msg(!linear_address_of_operand(context, &address), "%s: length %u", text,
                  context->length);
    ck_assert_msg(address == UNTOUCHED, "%s", text);
}

START_TEST(operands_in_64_bit_code)
{
    for (size_t i = 0; i < COUNT(known_64); i++)
        check_known(&known_64[i], true);
}
END_TEST

START_TEST(operands_in_32_bit_code)
{
    for (size_t i = 0; i < COUNT(known_32); i++)
        check_known(&known_32[i], false);
}
END_TEST

START_TEST(other_instructions_are_refused)
{
    for (size_t i = 0; i < COUNT(unknown_64); i++) {
        struct instruction_context context =
            context_of(&unknown_64[i], unknown_64[i].length, true, 0);
        check_refused(&context, unknown_64[i].text);
    }
    for (size_t i = 0; i < COUNT(unknown_32); i++) {
        struct instruction_context context =
            context_of(&unknown_32[i], unknown_32[i].length, false, 0);
        check_refused(&context, unknown_32[i].text);
    }
}
END_TEST

/* The buffer behind the cut holds zeroes, which would complete the instruction if they were read.
 */
static void check_truncated(const struct row *rows, size_t count, bool code_64)
{
    for (size_t i = 0; i < count; i++)
        for (size_t length = 0; length < rows[i].length; length++) {
            struct instruction_context context = context_of(&rows[i], length, code_64, 0);
            check_refused(&context, rows[i].text);
        }
}

START_TEST(truncated_instructions_are_refused)
{
    check_truncated(known_64, COUNT(known_64), true);
    check_truncated(known_32, COUNT(known_32), false);
}
END_TEST

START_TEST(more_than_fifteen_bytes_are_refused)
{
    struct instruction_context context = context_of(&known_64[0], known_64[0].length, true, 0);
    context.length = INSTRUCTION_BYTES + 1;
    check_refused(&context, "sixteen");
    context.length = ~0U;
    check_refused(&context, "all");
    memset(context.bytes, 0x66, sizeof context.bytes);
    context.length = INSTRUCTION_BYTES;
    check_refused(&context, "only prefixes");
}
END_TEST

/* Bounds are the sanitizers' to see: each context is an allocation of its own. */
START_TEST(random_bytes_stay_within_bounds)
{
    uint64_t random = 0x9e3779b97f4a7c15;
    unsigned known = 0;
    for (unsigned round = 0; round < 300000; round++) {
        struct instruction_context *context = malloc(sizeof *context);
        ck_assert_ptr_nonnull(context);
        *context = state;
        for (size_t i = 0; i < INSTRUCTION_BYTES; i++) {
            random = random * 6364136223846793005 + 1442695040888963407;
            context->bytes[i] = (unsigned char)(random >> 56);
        }
        context->length = (unsigned)(random >> 32) % (INSTRUCTION_BYTES + 2);
        context->code_64 = (random >> 40 & 1) != 0;
        context->write = (random >> 41 & 1) != 0;
        uint64_t address = UNTOUCHED;
        bool found = linear_address_of_operand(context, &address);
        ck_assert(found || address == UNTOUCHED);
        ck_assert(!found || context->code_64 || address <= UINT32_MAX);
        known += found;
        free(context);
    }
    ck_assert_uint_gt(known, 1000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("linear_address");
    TCase *tests = tcase_create("linear_address");
    tcase_set_timeout(tests, 60); /* a crash is found at once; a machine with other work is slow */
    tcase_add_test(tests, operands_in_64_bit_code);
    tcase_add_test(tests, operands_in_32_bit_code);
    tcase_add_test(tests, other_instructions_are_refused);
    tcase_add_test(tests, truncated_instructions_are_refused);
    tcase_add_test(tests, more_than_fifteen_bytes_are_refused);
    tcase_add_test(tests, random_bytes_stay_within_bounds);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Debian 12's wine lacks bcryptprimitives.dll, which every Rust program wants for its random bytes. Windows has it. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }

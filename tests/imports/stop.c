/*
 * Ends a program as a loss of power would: loaded before it, this counts its
 * calls that bring files to the disk or change names, and kills it before the
 * one that $STOP_AT numbers.  tests/imports/run.sh stops an import at each.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

static void count(void)
{
	static int calls;
	const char *at = getenv("STOP_AT");
	if (at && ++calls == atoi(at))
		raise(SIGKILL);
}

int fsync(int file)
{
	count();
	return (int)syscall(SYS_fsync, file);
}

int link(const char *from, const char *to)
{
	count();
	return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	count();
	return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
	count();
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/*
 * Overload: when more comes than can be answered, some are refused at once, so
 * that the others are still answered in time.
 *
 * Requests wait unread in the kernel's socket buffers.  How long the oldest
 * bytes of one have waited the kernel tells; when that is too long for all
 * requests of a tenth of a second, the server cannot keep up, and from then on
 * those that have waited too long get 503, until none has for a second.  A
 * single hiccup of the machine refuses nobody.
 *
 * The state is a hint shared by all threads: a race between two of them moves
 * a boundary by one request.
 */
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "service/http_internal.h"

enum { PATIENCE = 100, CALM = 1000 }; /* milliseconds */

int64_t vg_waited(int descriptor)
{
	struct tcp_info info;
	socklen_t length = sizeof info;
	memset(&info, 0, sizeof info);
	if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return 0;
	return info.tcpi_last_data_recv;
}

bool vg_load_refuses(vg_load *load, int64_t now, int64_t waited, int64_t most)
{
	if (most == 0)
		return false;
	if (waited <= most) {
		atomic_store_explicit(&load->since, 0, memory_order_relaxed);
		return false;
	}
	int64_t since = atomic_load_explicit(&load->since, memory_order_relaxed);
	/* A gap in which nobody waited because nobody came is no overload. */
	bool going_on = since != 0 && now - atomic_load_explicit(&load->last, memory_order_relaxed) <= PATIENCE;
	atomic_store_explicit(&load->last, now, memory_order_relaxed);
	if (!going_on)
		atomic_store_explicit(&load->since, since = now, memory_order_relaxed);
	if (now < atomic_load_explicit(&load->shedding_until, memory_order_relaxed) || now - since >= PATIENCE) {
		atomic_store_explicit(&load->shedding_until, now + CALM, memory_order_relaxed);
		return true;
	}
	return false;
}

// Debian keeps it in a folder of its own; named here, it needs no pkg-config.
#include <postgresql/libpq-fe.h>

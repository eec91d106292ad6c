#pragma once
#include <stddef.h>

/// A file that the binary carries.
typedef struct {
    /// Its path below Sources/CAssets.
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t count;
} pawang_asset;

extern const pawang_asset pawang_assets[];
extern const size_t pawang_asset_count;

/// The first asset; Swift cannot index an array of unknown size.
const pawang_asset *_Nonnull pawang_first_asset(void);

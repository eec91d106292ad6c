#include "CAssets.h"

#include "assets.inc"

const pawang_asset *pawang_first_asset(void) { return pawang_assets; }

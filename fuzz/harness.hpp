// What the fuzz targets share. Each defines run(), which libFuzzer calls with one input after another, and says by
// require() what must hold.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace argosy::fuzz {

void run(std::span<const std::uint8_t> bytes);

// Prints what is broken and stops the program, so that libFuzzer keeps the input; an empty text is in order.
void require(std::string_view broken);

}  // namespace argosy::fuzz

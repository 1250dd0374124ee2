// Every limit of the program in one place, with the relations between them proven at compile time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace argosy::core::limits {

inline constexpr std::size_t kSymbolLength = 20;          // characters of a ticker symbol
inline constexpr std::size_t kFormulaLength = 64 * 1024;  // characters of one formula
inline constexpr std::size_t kFormulaDepth = 256;         // nesting of one formula
inline constexpr std::size_t kFormulaContexts = 1'000;    // other symbols and timeframes that formulas read
inline constexpr std::size_t kPlanNodes = 100'000;        // operators of one plan
inline constexpr std::size_t kChunkRows = 2'048;          // rows the interpreter takes at once
inline constexpr std::size_t kWindowRows = 10'000'000;    // the longest window of an operator
inline constexpr std::size_t kYamlBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kYamlDepth = 64;
inline constexpr std::size_t kJsonDepth = 64;
inline constexpr std::size_t kJsonNumberLength = 1'000;     // characters; a double never needs more
inline constexpr std::size_t kErrorsAtOnce = 50;            // that a record says of what it is read from
inline constexpr int kSimulatedSymbols = 10'000;            // of a simulated market
inline constexpr int kSimulatedDays = 25'000;               // sessions of a simulated market
inline constexpr std::int64_t kSimulatedBars = 20'000'000;  // that one command stores: they are in memory at once
inline constexpr std::size_t kFrameBytes = 1024 * 1024;     // one message on a stream, without its end
inline constexpr std::size_t kStreamUnsentBytes = 4 * 1024 * 1024;  // written to a stream and not yet taken from it
inline constexpr std::size_t kStreamReadBytes = 64 * 1024;          // taken from a socket at once
inline constexpr std::size_t kStreamsNotAccepted = 128;             // opened by others, not yet handed to who listens
// Prices are stored as DECIMAL(18,9).
inline constexpr std::int64_t kPriceUnits = 999'999'999'999'999'999;

static_assert(kChunkRows <= kWindowRows);
static_assert(kFormulaDepth < kFormulaLength);
static_assert(kFrameBytes < kStreamUnsentBytes);  // an idle stream takes any frame
static_assert(kStreamReadBytes <= kStreamUnsentBytes);

}  // namespace argosy::core::limits

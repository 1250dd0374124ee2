// exp and log from additions, multiplications and divisions alone: the same bits on every machine, where those of the
// C library depend on the processor. Samplers decide by them, so that a seed gives the same trials everywhere. Within
// about 2 units in the last place.
#pragma once

namespace argosy::search::detail {

[[nodiscard]] double portable_exp(double x);
// Of x >= 0; minus infinity for 0.
[[nodiscard]] double portable_log(double x);

}  // namespace argosy::search::detail

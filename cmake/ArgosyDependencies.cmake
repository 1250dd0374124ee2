# Third-party libraries. All come from Debian or from `.deps/`, both filled by `./dev setup`.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(TBB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(date REQUIRED)        # date::date, date::date-tz
find_package(rapidcheck REQUIRED)
find_package(ZLIB REQUIRED)
find_package(prometheus-cpp REQUIRED)  # prometheus-cpp::core

# libsodium (passwords, tokens) comes without a package file for CMake.
find_path(ARGOSY_SODIUM_INCLUDE sodium.h REQUIRED)
find_library(ARGOSY_SODIUM_LIBRARY sodium REQUIRED)
add_library(argosy_sodium INTERFACE)
target_include_directories(argosy_sodium SYSTEM INTERFACE "${ARGOSY_SODIUM_INCLUDE}")
target_link_libraries(argosy_sodium INTERFACE "${ARGOSY_SODIUM_LIBRARY}")

# DuckDB: the C API's header and the shared library lie in .deps/duckdb. The library is opened when the lake is
# first used (it costs tens of milliseconds), so nothing links it.
set(ARGOSY_DUCKDB_DIR "${CMAKE_SOURCE_DIR}/.deps/duckdb" CACHE PATH "folder with duckdb.h and libduckdb.so")
if(NOT EXISTS "${ARGOSY_DUCKDB_DIR}/duckdb.h")
  message(FATAL_ERROR "${ARGOSY_DUCKDB_DIR}/duckdb.h is missing: run ./dev setup")
endif()
add_library(argosy_duckdb INTERFACE)
target_include_directories(argosy_duckdb SYSTEM INTERFACE "${ARGOSY_DUCKDB_DIR}")
target_compile_definitions(argosy_duckdb INTERFACE ARGOSY_DUCKDB_LIBRARY="${ARGOSY_DUCKDB_DIR}/libduckdb.so")
target_link_libraries(argosy_duckdb INTERFACE ${CMAKE_DL_LIBS})

# Swagger UI: the files of the page /api/v1/docs, read when the program starts to serve.
set(ARGOSY_SWAGGER_UI_DIR "${CMAKE_SOURCE_DIR}/.deps/swagger-ui" CACHE PATH "folder with swagger-ui-bundle.js")
if(NOT EXISTS "${ARGOSY_SWAGGER_UI_DIR}/swagger-ui-bundle.js")
  message(FATAL_ERROR "${ARGOSY_SWAGGER_UI_DIR}/swagger-ui-bundle.js is missing: run ./dev setup")
endif()
add_library(argosy_swagger_ui INTERFACE)
target_compile_definitions(argosy_swagger_ui INTERFACE ARGOSY_SWAGGER_UI_DIR="${ARGOSY_SWAGGER_UI_DIR}")

# SOCI with its backends of SQLite and PostgreSQL, SQLite itself (backups) and PostgreSQL's client library. Debian's SOCI comes without a package file for CMake; its
# shared libraries do not export the types that the sanitizer of virtual calls asks for, the static ones do.
find_package(SQLite3 REQUIRED)     # SQLite::SQLite3
find_path(ARGOSY_SOCI_INCLUDE soci/sqlite3/soci-sqlite3.h REQUIRED)
find_library(ARGOSY_SOCI_CORE_LIBRARY libsoci_core.a REQUIRED)
find_library(ARGOSY_SOCI_SQLITE_LIBRARY libsoci_sqlite3.a REQUIRED)
find_library(ARGOSY_SOCI_POSTGRES_LIBRARY libsoci_postgresql.a REQUIRED)
find_library(ARGOSY_PQ_LIBRARY pq REQUIRED)
find_path(ARGOSY_PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
add_library(argosy_soci INTERFACE)
target_include_directories(argosy_soci SYSTEM INTERFACE "${ARGOSY_SOCI_INCLUDE}" "${ARGOSY_PQ_INCLUDE}")
target_link_libraries(argosy_soci INTERFACE "${ARGOSY_SOCI_SQLITE_LIBRARY}" "${ARGOSY_SOCI_POSTGRES_LIBRARY}"
                      "${ARGOSY_SOCI_CORE_LIBRARY}" SQLite::SQLite3 "${ARGOSY_PQ_LIBRARY}" ${CMAKE_DL_LIBS})

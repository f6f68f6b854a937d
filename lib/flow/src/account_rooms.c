#include "account_rooms.h"

_Static_assert(ACCOUNT_ROOM_BYTES == sizeof(struct account_room) + sizeof(struct account_place),
               "as stated");

size_t account_bytes(uint32_t rooms)
{
    return (size_t)rooms * ACCOUNT_ROOM_BYTES;
}

/* The place of a number, or, when there is none, where it belongs. */
static uint32_t place_of(const struct account *account, uint32_t inum)
{
    uint32_t low = 0;
    uint32_t high = account->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (account->places[middle].inum < inum)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sockets and events of one namespace mostly come together. */
struct account_room *rooms_find(struct account *account, uint32_t inum)
{
    if (account->last < account->count && account->rooms[account->last].inum == inum)
        return &account->rooms[account->last];
    uint32_t place = place_of(account, inum);
    if (place == account->count || account->places[place].inum != inum)
        return NULL;
    account->last = account->places[place].room;
    return &account->rooms[account->last];
}

struct account_room *rooms_add(struct account *account, uint32_t inum)
{
    struct account_place *places = account->places;
    if (account->count == account->room)
        return NULL;
    uint32_t place = place_of(account, inum);
    for (uint32_t i = account->count; i > place; i--)
        places[i] = places[i - 1];
    places[place] = (struct account_place){.inum = inum, .room = account->count};
    struct account_room *room = &account->rooms[account->count++];
    bytes_zero(room, sizeof *room);
    room->inum = inum;
    return room;
}

void rooms_remove(struct account *account, struct account_room *room)
{
    struct account_place *places = account->places;
    uint32_t hole = (uint32_t)(room - account->rooms);
    const struct account_room *last = &account->rooms[account->count - 1];
    places[place_of(account, last->inum)].room = hole;
    uint32_t place = place_of(account, room->inum);
    account->count--;
    for (uint32_t i = place; i < account->count; i++)
        places[i] = places[i + 1];
    if (room != last)
        *room = *last;
}

"""A search engine that finds nothing, for Argilla's server in our tests: it keeps its data in SQL, and what our house
asks of it is answered from there. Imported, it can be chosen by its name, `none`."""

from argilla_server import search_engine as api


@api.SearchEngine.register("none")
class Nothing(api.SearchEngine):
    @classmethod
    async def new_instance(cls):
        return cls()

    async def close(self):
        pass

    async def ping(self):
        return True

    async def info(self):
        return {"name": "none"}

    async def _take(self, *_args, **_facts):
        """Whatever is to be remembered stands in SQL."""

    create_index = delete_index = configure_metadata_property = index_records = delete_records = _take
    partial_record_update = update_record_response = delete_record_response = _take
    update_record_suggestion = delete_record_suggestion = _take

    async def get_dataset_progress(self, dataset):
        return {"total": 0}

    async def get_dataset_user_progress(self, dataset, user):
        return {"total": 0}

    async def search(self, dataset, **_asked):
        return api.SearchResponses(items=[], total=0)

    async def similarity_search(self, dataset, vector_settings, **_asked):
        return api.SearchResponses(items=[], total=0)

    async def compute_metrics_for(self, metadata_property):
        raise NotImplementedError("our tests ask for no metrics")
